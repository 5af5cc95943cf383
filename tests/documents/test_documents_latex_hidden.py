"""What LaTeX does not print, or prints unseen, is no part of the paper."""

from collections.abc import Callable

import pytest

from state.paper import Paper

ReadText = Callable[[str, str], Paper]

BODY = r"\documentclass{x}\begin{document}%s\end{document}"


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
