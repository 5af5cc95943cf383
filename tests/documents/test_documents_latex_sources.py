"""LaTeX sources: archives, folders with several files, and what is included."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from papercoder.documents import DocumentError, read_paper
from state.paper import Paper

ReadText = Callable[[str, str], Paper]

BODY = r"\documentclass{x}\begin{document}%s\end{document}"
SOURCE = r"\documentclass{article}\title{A Small Paper}\begin{document}\maketitle Words.\end{document}"


def test_included_files_are_followed_and_a_missing_one_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "sections").mkdir()
    (tmp_path / "sections" / "one.tex").write_text(r"\section{One} Words of one.")
    main = tmp_path / "main.tex"
    main.write_text(r"\documentclass{article}\begin{document}\input{sections/one}\input{gone}\end{document}")
    paper = read_paper(main)
    assert paper.blocks()[0].text == "Words of one."
    assert any("gone" in warning for warning in paper.warnings)


def test_a_zip_and_a_tar_are_read_like_a_tar_gz(tmp_path: Path) -> None:
    path = tmp_path / "paper.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("source/main.tex", SOURCE)
        archive.writestr("source/plot.png", b"picture")
    assert read_paper(path).title == "A Small Paper"
    with tarfile.open(tmp_path / "paper.tar", "w") as archive:
        member = tarfile.TarInfo("main.tex")
        member.size = len(SOURCE.encode())
        archive.addfile(member, io.BytesIO(SOURCE.encode()))
    assert read_paper(tmp_path / "paper.tar").title == "A Small Paper"


def test_subfiles_and_imports_are_followed(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    sub = r"\documentclass[../main]{subfiles}\begin{document}Words of %s.\end{document}"
    (tmp_path / "parts" / "a.tex").write_text(sub % "a")
    (tmp_path / "parts" / "b.tex").write_text("Words of b.")
    text = "\\documentclass{article}\\begin{document}\n\\subfile{parts/a}\n\n\\import{parts/}{b}\n\\end{document}"
    (tmp_path / "main.tex").write_text(text)
    assert [block.text for block in read_paper(tmp_path / "main.tex").blocks()] == ["Words of a.", "Words of b."]


def test_parts_beside_the_main_file_s_folder_are_read_where_the_whole_source_is_given(tmp_path: Path) -> None:
    for folder in ("tex", "sections"):
        (tmp_path / folder).mkdir()
    (tmp_path / "tex" / "main.tex").write_text(BODY % r"\input{../sections/one}")
    (tmp_path / "sections" / "one.tex").write_text("Words of one.")
    assert [block.text for block in read_paper(tmp_path).blocks()] == ["Words of one."]


def test_a_main_file_beside_which_parts_are_missing_says_to_give_the_folder(tmp_path: Path) -> None:
    (tmp_path / "tex").mkdir()
    (tmp_path / "one.tex").write_text("Words of one.")
    (tmp_path / "tex" / "main.tex").write_text(BODY % r"Words. \input{../one}")
    paper = read_paper(tmp_path / "tex" / "main.tex")
    assert "of one" not in paper.markdown()
    assert any("../one" in warning and "give the folder that holds all of it" in warning for warning in paper.warnings)


def test_a_preamble_may_be_a_file_of_its_own_and_suffixes_upper_case(tmp_path: Path) -> None:
    (tmp_path / "preamble.tex").write_text(r"\documentclass{article}\newcommand{\R}{\mathbb{R}}")
    (tmp_path / "SOURCE.TEX").write_text(r"\input{preamble}\begin{document}Words $\R$.\end{document}")
    assert read_paper(tmp_path).blocks()[0].text == r"Words $\mathbb{R}$."


@pytest.mark.parametrize(
    ("readme", "content"),
    [
        ("00README.json", '{"sources": [{"filename": "refs.bib"}, {"usage": "toplevel", "filename": "ms.tex"}]}'),
        ("00README.XXX", "figure.tex ignore\nms.tex toplevelfile\n"),
    ],
)
def test_of_two_papers_that_one_is_read_that_arxiv_compiles(tmp_path: Path, readme: str, content: str) -> None:
    (tmp_path / "ms.tex").write_text(BODY % "The paper.")
    (tmp_path / "response.tex").write_text(BODY % "A long response to reviewers, who asked much.")
    assert read_paper(tmp_path).blocks()[0].text.startswith("A long response")
    (tmp_path / readme).write_text(content)
    paper = read_paper(tmp_path)
    assert paper.blocks()[0].text == "The paper."
    assert not [warning for warning in paper.warnings if "response.tex" in warning]


def test_macros_of_a_package_beside_the_paper_are_expanded(tmp_path: Path) -> None:
    (tmp_path / "names.sty").write_text(
        "\\ProvidesPackage{names}\n% \\newcommand{\\E}{wrong}\n\\newcommand{\\E}{\\mathbb{E}}\n"
        "\\newcommand{\\KL}[2]{D(#1 \\| #2)}\n\\DeclareMathOperator{\\diag}{diag}\n\\def\\x{\\mathbf{x}}\n"
        "\\newcommand{\\internal}{\\let\\item\\relax}\n"
    )
    (tmp_path / "main.tex").write_text(
        r"\documentclass{x}\usepackage{amsmath,names}\begin{document}$\E \x, \KL{p}{q}, \diag$\end{document}"
    )
    assert read_paper(tmp_path).blocks()[0].text == r"$\mathbb{E}\mathbf{x}, D(p \| q), \operatorname{diag}$"


def test_a_conference_s_style_defines_nothing_of_the_paper(tmp_path: Path) -> None:
    (tmp_path / "conf.sty").write_text("\\setlength{\\textwidth}{5in}\n\\newcommand{\\And}{ANDED}\n" * 3)
    (tmp_path / "main.tex").write_text(
        r"\documentclass{x}\usepackage{conf}\author{Ada Lovelace \And Alan Turing}\begin{document}W.\end{document}"
    )
    assert read_paper(tmp_path).authors == ("Ada Lovelace", "Alan Turing")


def test_an_archive_is_read_from_its_main_file_with_the_bbl_beside_it(tmp_path: Path) -> None:
    files = {
        "style.tex": r"\documentclass{x} not a body",
        "ms.tex": r"\documentclass{article}\begin{document}\section{A}\cite{k}\bibliography{refs}\end{document}",
        "ms.bbl": r"\begin{thebibliography}{1}\bibitem{k} K. Title.\end{thebibliography}",
    }
    path = tmp_path / "source.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    paper = read_paper(path)
    assert paper.blocks()[0].text == "[1]"
    assert paper.references[0].text == "K. Title."


def test_a_folder_with_two_papers_says_which_one_was_read(tmp_path: Path) -> None:
    (tmp_path / "main.tex").write_text(BODY % r"\section{A} Many words of the main one. \input{plot}")
    (tmp_path / "other.tex").write_text(BODY % "Few words.")
    (tmp_path / "plot.tex").write_text(r"\documentclass{standalone}\begin{document}Drawn.\end{document}")
    paper = read_paper(tmp_path)
    assert "Many words" in paper.blocks()[0].text
    assert [warning for warning in paper.warnings if "main.tex was read, and not other.tex" in warning]
    assert not [warning for warning in paper.warnings if "plot.tex" in warning]


def test_a_folder_of_one_file_needs_no_preamble_and_an_old_one_has_another(tmp_path: Path) -> None:
    (tmp_path / "fragment.tex").write_text(r"\section{A} Words.")
    assert read_paper(tmp_path).blocks()[0].text == "Words."
    (tmp_path / "old.tex").write_text(r"\documentstyle[12pt]{article}\begin{document}Of 1993.\end{document}")
    assert read_paper(tmp_path).blocks()[0].text == "Of 1993."


def test_a_folder_of_other_files_is_told_what_to_give(tmp_path: Path) -> None:
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-")
    with pytest.raises(DocumentError, match=r"Give what is in it: paper\.pdf"):
        read_paper(tmp_path)


def test_a_single_gzipped_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "2401.00001.gz"
    path.write_bytes(gzip.compress(SOURCE.encode()))
    assert read_paper(path).title == "A Small Paper"


def test_a_listing_in_a_file_of_its_own_is_named(read_text: ReadText) -> None:
    paper = read_text("p.tex", BODY % "Words.\n\\lstinputlisting[language=python]{code/loss.py}\n")
    assert any("code/loss.py" in warning for warning in paper.warnings)
