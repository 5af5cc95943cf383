"""LaTeX papers."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from papercoder.documents import DocumentError, read_paper
from state.paper import Block, Paper

ReadText = Callable[[str, str], Paper]

PAPER = r"""
\documentclass{article}
\newcommand{\R}{\mathbb{R}}
\newcommand{\norm}[1]{\lVert #1 \rVert}
\def\loss#1#2{\mathcal{L}(#1, #2)}
\DeclareMathOperator*{\argmax}{arg\,max}
\title{A \emph{Small} Paper\thanks{Funded.}}
\author{Ada Lovelace\thanks{x} \\ Analytical University \And Alan Turing \\ Bletchley}
\begin{document}
\maketitle
\begin{abstract}
We show that $x \in \R$. % not this
\end{abstract}
\section{Introduction}\label{sec:intro}
As \citet{knuth} and \cite{lamport,unknown} show, 50\% of na\"{\i}ve ``text'' --- see Section~\ref{sec:method}.

Second paragraph\footnote{A note with $\norm{x}$.} here.
\section{Method}\label{sec:method}
\subsection{Loss}
The loss is
\begin{equation}\label{eq:loss}
  \loss{a}{b} = \argmax_x \norm{x}
\end{equation}
used in \eqref{eq:loss} and Eq.~\ref{eq:second}.
\begin{align}
  a &= b \nonumber \\
    &= c \label{eq:first} \\
  d &= e \label{eq:second}
\end{align}
\begin{equation*} y = 1 \end{equation*}
\begin{equation} z = 2 \tag{$\star$} \end{equation}
\[ w = 3 \]
\begin{table}
\caption{Scores of \textbf{models}.}\label{tab:scores}
\resizebox{\textwidth}{!}{\begin{tabular}{l>{\bfseries}c@{}r}
\toprule
Model & \multicolumn{2}{c}{Score} \\
\cmidrule(lr){2-3}
 & A & B \\ \midrule
\multirow{2}{*}{Ours} & 1.0 & $|x|$ \\
 & 2.0 \% & 3 \\ \bottomrule
\end{tabular}}
\end{table}
\begin{itemize}
\item First
\item Second
\end{itemize}
\iffalse Secret words. \fi
\begin{comment}
More secret words.
\end{comment}
\appendix
\section{Proofs}
\subsection{Lemmas}
See Table~\ref{tab:scores}.
\begin{figure}\includegraphics{x.png}\caption{A plot.}\end{figure}
\begin{algorithm}
\caption{Training}
\begin{algorithmic}[1]
\REQUIRE data $D$
\FOR{$i=1$ to $n$}
\IF{$i > 2$}
\STATE Update $\theta$
\ENDIF
\ENDFOR
\end{algorithmic}
\end{algorithm}
\begin{thebibliography}{9}
\bibitem[Knuth(1984)]{knuth} D.~Knuth. \emph{The TeXbook}.
\bibitem{lamport} L. Lamport. \newblock LaTeX.
\end{thebibliography}
\end{document}
"""


@pytest.fixture
def paper(read_text: ReadText) -> Paper:
    return read_text("paper.tex", PAPER)


def by_id(paper: Paper) -> dict[str, Block]:
    return {block.id: block for block in paper.blocks()}


def test_title_authors_and_abstract_are_read(paper: Paper) -> None:
    assert paper.title == "A Small Paper"
    assert paper.authors == ("Ada Lovelace", "Alan Turing")
    assert paper.sections[0].blocks[0].text == r"We show that $x \in \mathbb{R}$."


def test_sections_are_numbered_as_latex_numbers_them_with_letters_in_the_appendix(paper: Paper) -> None:
    assert [section.id for section in paper.sections] == ["abstract", "S1", "S2", "S2.1", "SA", "SA.1"]
    assert paper.labels()["SA.1"] == "App. A.1"


def test_prose_is_plain_with_citations_and_references_resolved(paper: Paper) -> None:
    text = by_id(paper)["S1.p1"].text
    assert text == 'As Knuth [1] and [2, unknown] show, 50% of naïve "text" — see Section 2.'


def test_equations_keep_latex_with_macros_expanded_and_the_right_numbers(paper: Paper) -> None:
    blocks = by_id(paper)
    assert blocks["E1"].text == r"\mathcal{L}(a, b) = \operatorname*{arg\,max}_x \lVert x \rVert"
    assert blocks["E1"].notation == "latex"
    assert blocks["E2"].text == r"\begin{aligned} a &= b \\ &= c \end{aligned}"
    assert blocks["E3"].text == "d &= e"
    assert blocks["S2.1.e1"].text == "y = 1"
    assert blocks["S2.1.e2"].text == "z = 2"
    assert "(1)" in blocks["S2.1.p2"].text
    assert "Eq. 3" in blocks["S2.1.p2"].text


def test_subequations_have_letters(read_text: ReadText) -> None:
    paper = read_text(
        "p.tex",
        r"\begin{subequations}\begin{align} a \\ b \end{align}\end{subequations}\begin{equation}c\end{equation}",
    )
    assert [block.number for block in paper.blocks()] == ["1a", "1b", "2"]


def test_equations_can_be_numbered_within_sections(read_text: ReadText) -> None:
    paper = read_text("p.tex", r"\numberwithin{equation}{section}\section{A}\section{B}\begin{equation}c\end{equation}")
    assert paper.blocks()[0].id == "E2.1"


def test_tables_become_markdown_with_their_caption(paper: Paper) -> None:
    table = by_id(paper)["T1"]
    assert table.caption == "Scores of models."
    assert table.text.split("\n") == [
        "| Model | Score |  |",
        "|---|---|---|",
        "|  | A | B |",
        r"| Ours | 1.0 | $\vert x\vert$ |",
        "|  | 2.0 % | 3 |",
    ]


def test_algorithms_are_read_line_by_line(paper: Paper) -> None:
    algorithm = by_id(paper)["A1"]
    assert algorithm.caption == "Training"
    lines = ["Require: data $D$", "for $i=1$ to $n$", "  if $i > 2$", r"    Update $\theta$", "  end if", "end for"]
    assert algorithm.text.split("\n") == lines


def test_algorithm2e_blocks_are_indented(read_text: ReadText) -> None:
    source = (
        r"\begin{algorithm}\caption{X}\KwIn{data}\While{not done}{ step one\; step two\; }\Return $x$\end{algorithm}"
    )
    lines = ["Input: data", "while not done", "  step one", "  step two", "return $x$"]
    assert read_text("p.tex", source).blocks()[0].text.split("\n") == lines


def test_footnotes_lists_and_figures_are_blocks(paper: Paper) -> None:
    blocks = by_id(paper)
    assert blocks["N1"].text == r"A note with $\lVert x \rVert$."
    assert [b.text for b in paper.blocks() if b.text.startswith("- ")] == ["- First", "- Second"]
    assert blocks["F1"].caption == "A plot."


def test_what_is_commented_out_is_not_read(paper: Paper) -> None:
    assert "ecret" not in paper.markdown()
    assert "not this" not in paper.markdown()


def test_references_are_split(paper: Paper) -> None:
    assert [reference.text for reference in paper.references] == ["D. Knuth. The TeXbook.", "L. Lamport. LaTeX."]


def test_blocks_tell_the_line_they_came_from(paper: Paper) -> None:
    location = by_id(paper)["S1.p2"].location
    assert (location.file, location.line) == ("paper.tex", 17)


def test_included_files_are_followed_and_a_missing_one_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "sections").mkdir()
    (tmp_path / "sections" / "one.tex").write_text(r"\section{One} Words of one.")
    main = tmp_path / "main.tex"
    main.write_text(r"\documentclass{article}\begin{document}\input{sections/one}\input{gone}\end{document}")
    paper = read_paper(main)
    assert paper.blocks()[0].text == "Words of one."
    assert any("gone" in warning for warning in paper.warnings)


BODY = r"\documentclass{x}\begin{document}%s\end{document}"
FIGURE = r"\documentclass{article}\begin{document}Words.\begin{figure}%s\caption{C.}\end{figure}\end{document}"


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        ("\\begin{lstlisting}[language=python]\nx = 1\n  y\n\\end{lstlisting}", "```\nx = 1\n  y\n```"),
        (r"\begin{minipage}[t]{0.5\textwidth}\includegraphics{x}\end{minipage}\vspace{-0.2in}", ""),
        (r"\begin{align}a &= b\end{align}", "$a &= b$"),
        (r"\fbox{" + "Summarise the following text in one sentence, then list its claims one by one.}",
         "Summarise the following text in one sentence, then list its claims one by one."),
    ],
)  # fmt: skip
def test_listings_formulas_and_prose_in_a_figure_are_kept_and_pictures_are_not(
    read_text: ReadText, inside: str, shown: str
) -> None:
    assert by_id(read_text("p.tex", FIGURE % inside))["F1"].text == shown


def test_a_zip_and_a_tar_are_read_like_a_tar_gz(tmp_path: Path) -> None:
    path = tmp_path / "paper.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("source/main.tex", PAPER)
        archive.writestr("source/plot.png", b"picture")
    assert read_paper(path).title == "A Small Paper"
    with tarfile.open(tmp_path / "paper.tar", "w") as archive:
        member = tarfile.TarInfo("main.tex")
        member.size = len(PAPER.encode())
        archive.addfile(member, io.BytesIO(PAPER.encode()))
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
    (tmp_path / "PAPER.TEX").write_text(r"\input{preamble}\begin{document}Words $\R$.\end{document}")
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


@pytest.mark.parametrize(
    ("definition", "use", "read"),
    [
        (r"\newcommand{\norm}[2][2]{\lVert #2 \rVert_{#1}}", r"$\norm{x}, \norm[1]{x}$",
         r"$\lVert x \rVert_{2}, \lVert x \rVert_{1}$"),
        (r"\NewDocumentCommand{\loss}{O{\theta} m}{L_{#1}(#2)}", r"$\loss{x}, \loss[\phi]{y}$",
         r"$L_{\theta}(x), L_{\phi}(y)$"),
        (r"\NewDocumentCommand\E{s o m}{\IfBooleanTF{#1}{E^*}{E}\IfValueT{#2}{_{#2}}[#3]}", r"$\E{x}, \E*[y]{x}$",
         "$E[x], E^*_{y}[x]$"),
        (r"\DeclarePairedDelimiter{\abs}{\lvert}{\rvert}", r"$\abs{x}, \abs*{y}, \abs[\big]{z}$",
         r"$\lvert x \rvert, \lvert y \rvert, \lvert z \rvert$"),
        (r"\newcommand{\ours}{\textsc{Net}\xspace}", r"We call \ours the best; \ours, and (\ours).",
         "We call Net the best; Net, and (Net)."),
    ],
)  # fmt: skip
def test_macros_with_options_stars_and_spaces_of_their_own(
    read_text: ReadText, definition: str, use: str, read: str
) -> None:
    paper = read_text("p.tex", rf"\documentclass{{x}}{definition}\begin{{document}}{use}\end{{document}}")
    assert paper.blocks()[0].text == read


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
    path.write_bytes(gzip.compress(PAPER.encode()))
    assert read_paper(path).title == "A Small Paper"


def test_the_same_source_gives_the_same_paper(paper: Paper, read_text: ReadText) -> None:
    assert read_text("paper.tex", PAPER).model_dump_json() == paper.model_dump_json()


@pytest.mark.parametrize(
    "hidden",
    [
        r"\textcolor{white}{SECRET words}",
        r"{\color{white} SECRET words}",
        r"\textcolor[rgb]{1,1,1}{SECRET words}",
        r"\definecolor{ghost}{HTML}{ffffff}\textcolor{ghost}{SECRET words}",
        r"{\fontsize{0.1pt}{0.1pt}\selectfont SECRET words}",
        r"{\transparent{0} SECRET words}",
        r"\phantom{SECRET words of a phantom}",
        r"\iffalse SECRET words \fi",
        r"\iffalse SECRET: $a \iff b$ \ifthenelse{\equal{a}{b}}{c}{d} \ifaccepted e \else f \fi\fi",
        r"\if0 SECRET words \fi",
        r"\newif\iflong \iflong SECRET words \fi",
        r"\newif\iflong \newif\ifA \ifA \longtrue \fi \iflong SECRET words \fi",
        r"\newif\ifshort \shorttrue \ifshort\else SECRET words \fi",
        r"\let\ifnotes\iffalse \ifnotes SECRET words \fi",
        r"\newtoggle{long}\iftoggle{long}{SECRET words}{}",
        r"\newboolean{long}\ifthenelse{\boolean{long}}{SECRET words}{}",
        r"\textcolor[rgb]{.99,.98,.99}{SECRET words}",
        r"\textcolor{white!98!black}{SECRET words}",
        r"\scalebox{0.01}{SECRET words}",
        r"\resizebox{0.1pt}{!}{SECRET words}",
        r"\raisebox{-200cm}[0pt][0pt]{SECRET words}",
        r"{\hspace*{-90cm}SECRET words}",
    ],
)
def test_text_that_is_not_seen_on_the_page_is_left_out_and_named(read_text: ReadText, hidden: str) -> None:
    paper = read_text("p.tex", BODY % f"Seen before. {hidden} Seen after.")
    assert "SECRET" not in paper.markdown()
    assert "Seen before. Seen after." in paper.markdown()
    assert any("SECRET" in warning for warning in paper.warnings)


@pytest.mark.parametrize(
    "shown",
    [
        r"\colorbox{black}{\textcolor{white}{KEPT}}",
        r"\begin{tabular}{l}\rowcolor{black}\textcolor{white}{KEPT}\\ \end{tabular}",
        r"\textcolor{red}{KEPT}",
        r"\textcolor[gray]{0.5}{KEPT}",
        r"{\fontsize{8pt}{9pt}\selectfont KEPT}",
        r"\scalebox{0.8}{KEPT}",
        r"\resizebox{2cm}{!}{KEPT}",
        r"\raisebox{-1ex}[0pt][0pt]{KEPT}",
        r"\hspace{2cm}KEPT",
        r"\textcolor[gray]{0.8}{KEPT}",
    ],
)
def test_coloured_and_small_text_that_is_seen_stays(read_text: ReadText, shown: str) -> None:
    paper = read_text("p.tex", BODY % f"Words. {shown} More.")
    assert "KEPT" in paper.markdown()
    assert not any("no reader can see" in warning for warning in paper.warnings)


def test_of_switches_the_branches_that_are_printed_stay(read_text: ReadText) -> None:
    """Also where the switch is set after the macro that asks for it, and where its declaration is elsewhere."""
    paper = read_text(
        "p.tex",
        r"\documentclass{x}\newif\iflong \newcommand{\extra}[1]{\iflong #1\else short\fi}\longtrue\newtoggle{a}"
        r"\toggletrue{a}\newcommand{\ifcomment}{\iffalse}\begin{document}\extra{Long} one.\iflong{} Two.\fi"
        r" \iftoggle{a}{Three \iftoggle{a}{is kept}{gone}.}{Gone.} \ifunknown Four.\else Five.\fi{} $a \iff b$."
        r"\end{document}",
    )
    assert paper.blocks()[0].text == r"Long one. Two. Three is kept. Four.Five. $a \iff b$."
    assert not any("Long" in warning or "Four" in warning for warning in paper.warnings)


def test_a_comment_within_a_line_is_gone(read_text: ReadText) -> None:
    paper = read_text("p.tex", BODY % r"Before \begin{comment}SECRET\end{comment}after.")
    assert paper.blocks()[0].text == "Before after."


def test_a_listing_in_a_file_of_its_own_is_named(read_text: ReadText) -> None:
    paper = read_text("p.tex", BODY % "Words.\n\\lstinputlisting[language=python]{code/loss.py}\n")
    assert any("code/loss.py" in warning for warning in paper.warnings)


def test_a_rule_s_width_is_no_cell(tmp_path: Path) -> None:
    table = r"\begin{tabular}{lr}\Xhline{1pt} a & 1 \\ \Xhline{2\arrayrulewidth} b & 2 \\ \Xhline{1pt}\end{tabular}"
    file = tmp_path / "paper.tex"
    file.write_text(rf"\documentclass{{article}}\begin{{document}}\section{{A}} Words. {table}\end{{document}}")
    assert "pt" not in read_paper(file).markdown()
