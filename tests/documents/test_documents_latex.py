"""LaTeX papers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from papercoder.documents import read_paper
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


def test_the_same_source_gives_the_same_paper(paper: Paper, read_text: ReadText) -> None:
    assert read_text("paper.tex", PAPER).model_dump_json() == paper.model_dump_json()


def test_a_rule_s_width_is_no_cell(tmp_path: Path) -> None:
    table = r"\begin{tabular}{lr}\Xhline{1pt} a & 1 \\ \Xhline{2\arrayrulewidth} b & 2 \\ \Xhline{1pt}\end{tabular}"
    file = tmp_path / "paper.tex"
    file.write_text(rf"\documentclass{{article}}\begin{{document}}\section{{A}} Words. {table}\end{{document}}")
    assert "pt" not in read_paper(file).markdown()
