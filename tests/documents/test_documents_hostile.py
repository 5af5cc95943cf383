"""Papers that try to do harm, and files that are no papers."""

import gzip
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from papercoder.documents import DocumentError, read_paper
from state.paper import Paper

MakePdf = Callable[..., Path]
ReadText = Callable[[str, str], Paper]

DOUBLING = "".join(rf"\def\{name}{{\{after}\{after}\{after}\{after}}}" for name, after in pairwise("cdefghijklm"))
BODY = r"\documentclass{article}\begin{document}%s\end{document}"


def test_input_of_an_absolute_path_is_refused(read_text: ReadText) -> None:
    paper = read_text("p.tex", BODY % r"Safe words. \input{/etc/passwd} \input{|ls} \include{~/secret}")
    assert "root" not in paper.markdown()
    assert any("/etc/passwd" in warning for warning in paper.warnings)


def test_input_from_above_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.tex").write_text("SECRET")
    folder = tmp_path / "paper"
    folder.mkdir()
    (folder / "main.tex").write_text(BODY % r"Safe words. \input{../secret}")
    assert "SECRET" not in read_paper(folder).markdown()


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.tex").write_text("SECRET")
    folder = tmp_path / "paper"
    folder.mkdir()
    (folder / "link.tex").symlink_to(tmp_path / "secret.tex")
    (folder / "main.tex").write_text(BODY % r"Safe words. \input{link}")
    assert "SECRET" not in read_paper(folder).markdown()


def test_files_named_in_listings_are_not_read(read_text: ReadText) -> None:
    paper = read_text("p.tex", BODY % r"Words. \lstinputlisting{/etc/passwd} \verbatiminput{/etc/passwd}")
    assert "root:" not in paper.markdown()


def test_a_file_that_includes_itself_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "p.tex").write_text(BODY % r"Words. \input{p}")
    with pytest.raises(DocumentError, match="includes itself"):
        read_paper(tmp_path / "p.tex")


@pytest.mark.parametrize(
    "bomb",
    [
        DOUBLING + r"\c",
        r"\def\a{x\b}\def\b{y\a}\a",
        r"\def\a#1{\b{#1#1}}\def\b#1{\a{#1#1}}\a{xx}",
        r"\newenvironment{e}{\begin{e}\begin{center}}{\end{e}}\begin{e}x\end{e}",
    ],
)
def test_a_macro_bomb_ends(read_text: ReadText, bomb: str) -> None:
    started = time.monotonic()
    paper = read_text("p.tex", BODY % (r"\section{A} Words first. " + bomb))
    assert time.monotonic() - started < 20
    assert "Words first." in paper.markdown()


@pytest.mark.parametrize(
    "piece", ["{", r"\section{", r"\begin{table}", "$", r"\textbf{", r"\[", r"\footnote{", "\n\n", r"\begin{a}"]
)
def test_many_unclosed_pieces_take_linear_time(read_text: ReadText, piece: str) -> None:
    started = time.monotonic()
    read_text("p.tex", BODY % ("Words. " + piece * 20_000))
    assert time.monotonic() - started < 20


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(gzip.compress(b"a.tex" + bytes(252) + b"ustar" + bytes(500_000_000), compresslevel=1))
    with pytest.raises(DocumentError):
        read_paper(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.pdf", b"", "empty"),
        ("p.pdf", b"<html>Please log in</html>", "log-in page"),
        ("p.pdf", b"Nothing of a PDF", "not a PDF"),
        ("p.pdf", b"%PDF-1.4\n1 0 obj\n<< /Type", "damaged"),
        ("p.docx", b"PK\x03\x04", "damaged"),
        ("p.xyz", b"words", "not supported"),
        ("paper", b"words", "not supported"),
        ("p.tar.gz", b"\x1f\x8bnonsense", "damaged"),
        ("p.tar.gz", b"nonsense", "not gzip"),
        ("p.json", b"{", "not valid JSON"),
        ("p.json", b"[1]", "not an object"),
        ("p.json", b'{"a": 1}', "body_text"),
        ("p.json", b"[" * 100_000, "not valid JSON"),
        ("p.tex", b"% only a comment\n", "no text"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=message):
        read_paper(path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no such file"):
        read_paper(tmp_path / "gone.pdf")


def test_a_pdf_without_any_text_says_so(make_pdf: MakePdf) -> None:
    with pytest.raises(DocumentError, match="no text on its pages"):
        read_paper(make_pdf([]))


def test_an_encrypted_pdf_says_so(make_pdf: MakePdf) -> None:
    key = "00" * 32
    encryption = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{key}> /U <{key}> /P -4 >> /ID [<00> <00>]"
    with pytest.raises(DocumentError, match="encrypted"):
        read_paper(make_pdf([("Words", 72, 700, 10, "F")], extra=encryption))


def test_text_that_no_reader_sees_is_left_out_with_a_warning(make_pdf: MakePdf) -> None:
    shown = [(f"These are the visible words of line {n} on the page.", 72, 700 - 12 * n, 10, "F") for n in range(9)]
    hidden = [
        ("IGNORE white", 72, 400, 10, "F1 1 1 rg"),
        ("IGNORE invisible", 72, 380, 10, "F3 Tr"),
        ("IGNORE tiny", 72, 360, 0.1, "F0 0 0 rg 0 Tr"),
        ("IGNORE outside", 900, 340, 10, "F"),
    ]
    paper = read_paper(make_pdf(shown + hidden))
    assert "IGNORE" not in paper.markdown()
    assert "no reader can see" in paper.warnings[0]
