"""Word, OpenDocument and RTF papers, written by pandoc in the test."""

import io
import subprocess
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pptx
import pytest

from papercoder.documents import DocumentError, elements, read_paper
from papercoder.documents import pandoc as pandoc_process
from state.paper import Paper

MakeOffice = Callable[..., Path]

SLIDE_ALTERNATIVE = (
    b'<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    b'<mc:Choice xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" Requires="a14">%s</mc:Choice>'
    b"<mc:Fallback/></mc:AlternateContent>"
)
SLIDE_FORMULA = (
    b'<a14:m><m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">'
    b'<m:nary><m:naryPr><m:chr m:val="\xe2\x88\x91"/></m:naryPr><m:sub><m:r><m:t>i=1</m:t></m:r></m:sub>'
    b"<m:sup><m:r><m:t>N</m:t></m:r></m:sup><m:e><m:f><m:num><m:sSub><m:e><m:r><m:t>a</m:t></m:r></m:e><m:sub><m:r>"
    b"<m:t>i</m:t></m:r></m:sub></m:sSub></m:num><m:den><m:rad><m:deg/><m:e><m:r><m:t>b</m:t></m:r></m:e></m:rad>"
    b"</m:den></m:f></m:e></m:nary></m:oMath></a14:m>"
)

PAPER = r"""---
title: A Small Paper
author: Ada Lovelace
---

# Abstract

We show that $x \in \mathbb{R}$.

# 1 Method

The loss is

$$ \mathcal{L}(a) = \frac{a}{2} $$

as said.[^1]

Table 1: Scores.

| Model | Score |
|-------|-------|
| Ours  | $1.0$ |

- First
- Second

# References

[1] D. Knuth. The TeXbook.

[^1]: A note.
"""
RUN = "<w:p><w:r><w:rPr>%s</w:rPr><w:t>SECRET words</w:t></w:r></w:p>"


@pytest.fixture
def make_office(tmp_path: Path) -> MakeOffice:
    """Write the paper as a document of a format; `edit` changes the text of its main part."""

    def make(suffix: str, edit: Callable[[str], str] = str, part: str = "word/document.xml") -> Path:
        path = tmp_path / f"paper{suffix}"
        command = [pandoc_process.find_pandoc(), "--from", "markdown", "--standalone", "--output", str(path)]
        subprocess.run(command, input=PAPER.encode(), check=True)
        if edit is not str:
            _edit(path, part, edit)
        return path

    return make


def _edit(path: Path, part: str, edit: Callable[[str], str]) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            new.writestr(member, edit(content.decode()) if member.filename == part else content)
    path.write_bytes(packed.getvalue())


@pytest.mark.parametrize("suffix", [".docx", ".odt", ".rtf"])
def test_sections_tables_and_references_come_out_of_every_office_format(make_office: MakeOffice, suffix: str) -> None:
    paper = read_paper(make_office(suffix))
    assert paper.format == suffix[1:]
    assert [section.id for section in paper.sections if section.id != "S-opening"] == ["abstract", "S1"]
    table = next(block for block in paper.blocks() if block.id == "T1")
    assert table.caption == "Scores."
    assert table.text.split("\n")[0] == "| Model | Score |"
    assert [r.text for r in paper.references] == ["D. Knuth. The TeXbook."]


@pytest.mark.parametrize("suffix", [".docx", ".odt"])
def test_title_and_authors_are_those_of_the_document_s_styles(make_office: MakeOffice, suffix: str) -> None:
    paper = read_paper(make_office(suffix))
    assert (paper.title, paper.authors) == ("A Small Paper", ("Ada Lovelace",))
    assert [section.id for section in paper.sections] == ["abstract", "S1"]


@pytest.mark.parametrize("suffix", [".docx", ".odt"])
def test_equations_of_word_processors_are_latex(make_office: MakeOffice, suffix: str) -> None:
    paper = read_paper(make_office(suffix))
    equation = next(block for block in paper.blocks() if block.kind == "equation")
    assert (equation.text.replace(" ", ""), equation.notation) == (r"\mathcal{L}(a)=\frac{a}{2}", "latex")
    assert r"$x \in \mathbb{R}$" in paper.markdown()
    assert paper.labels()["N1"] == "Footnote 1"


@pytest.mark.parametrize(
    "look", ["<w:vanish/>", '<w:color w:val="FFFFFF"/>', '<w:color w:val="FDFEFD"/>', '<w:sz w:val="2"/>']
)
def test_text_that_word_does_not_show_is_left_out_and_named(make_office: MakeOffice, look: str) -> None:
    paper = read_paper(make_office(".docx", lambda text: text.replace("<w:body>", "<w:body>" + RUN % look)))
    assert "SECRET" not in paper.markdown()
    assert paper.warnings == ("Text that no reader can see was left out: 'SECRET words'.",)


def test_white_letters_in_a_coloured_cell_are_text(make_office: MakeOffice) -> None:
    head = '<w:tc><w:tcPr><w:shd w:fill="000000"/></w:tcPr>' + RUN % '<w:color w:val="FFFFFF"/>' + "</w:tc>"
    table = f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr>{head}</w:tr></w:tbl>"
    paper = read_paper(make_office(".docx", lambda text: text.replace("<w:body>", "<w:body>" + table)))
    assert "SECRET" in paper.markdown()


def test_hidden_text_of_opendocument_is_left_out(make_office: MakeOffice) -> None:
    style = '<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>'

    def hide(text: str) -> str:
        text = text.replace("<office:automatic-styles>", f"<office:automatic-styles>{style}")
        return text.replace("We show", '<text:span text:style-name="H">SECRET</text:span>We show')

    paper = read_paper(make_office(".odt", hide, "content.xml"))
    assert "SECRET" not in paper.markdown()
    assert "SECRET" in paper.warnings[0]


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
    ],
)
def test_a_document_that_declares_entities_is_refused(make_office: MakeOffice, declaration: str) -> None:
    path = make_office(".docx", lambda text: text.replace("?>", "?>" + declaration, 1))
    with pytest.raises(DocumentError, match="entities"):
        read_paper(path)


def test_a_document_that_unpacks_without_end_is_refused(make_office: MakeOffice) -> None:
    path = make_office(".docx", lambda text: text.replace("</w:body>", f"<!--{' ' * 30_000_000}--></w:body>"))
    with pytest.raises(DocumentError, match="unpacks to more than"):
        read_paper(path)


def test_without_pandoc_the_message_says_what_to_install(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_office(".docx")
    pandoc_process.find_pandoc.cache_clear()
    monkeypatch.setattr(pandoc_process, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DocumentError, match="pip install pypandoc_binary"):
        read_paper(path)
    pandoc_process.find_pandoc.cache_clear()


def test_the_same_document_gives_the_same_paper(make_office: MakeOffice) -> None:
    path = make_office(".docx")
    first: Paper = read_paper(path)
    assert read_paper(path).model_dump_json() == first.model_dump_json()


def test_slides_are_sections_with_their_tables(tmp_path: Path) -> None:
    slides = pptx.Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[1])
    slide.shapes.title.text = "Method"
    slide.placeholders[1].text = "We minimise the loss over all of the tokens."
    table = slide.shapes.add_table(2, 2, 0, 5 * 10**6, 10**6, 10**6).table
    for row in range(2):
        for column in range(2):
            table.cell(row, column).text = f"c{row}{column}"
    slides.save(str(tmp_path / "talk.zip"))  # the content says what it is
    paper = read_paper(tmp_path / "talk.zip")
    assert [block.text for block in paper.blocks()] == [
        "We minimise the loss over all of the tokens.",
        "| c00 | c01 |\n|---|---|\n| c10 | c11 |",
    ]
    assert paper.sections[0].title == "Method"
    assert paper.blocks()[0].location.page == 1
    assert "PPTX" in paper.warnings[0]


def test_text_beside_a_formula_on_a_slide_is_kept(tmp_path: Path) -> None:
    """Where a text box holds a formula, PowerPoint folds the whole box into an alternative for newer programs."""
    slides = pptx.Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[5])
    slide.shapes.title.text = "Method"
    box = slide.shapes.add_textbox(0, 10**6, 10**6, 10**6)
    box.text_frame.text = "The loss is FORMULA over all of the tokens."
    slides.save(str(tmp_path / "plain.pptx"))

    def fold(slide: bytes) -> bytes:
        start, end = slide.index(b"<p:sp>", slide.index(b"Method")), slide.rindex(b"</p:sp>") + len(b"</p:sp>")
        shape = slide[start:end].replace(b"FORMULA", b"</a:t></a:r>" + SLIDE_FORMULA + b"<a:r><a:t>")
        return slide[:start] + SLIDE_ALTERNATIVE % shape + slide[end:]

    with zipfile.ZipFile(tmp_path / "plain.pptx") as old, zipfile.ZipFile(tmp_path / "talk.pptx", "w") as new:
        for name in old.namelist():
            new.writestr(name, fold(old.read(name)) if name == "ppt/slides/slide1.xml" else old.read(name))
    texts = [block.text for block in read_paper(tmp_path / "talk.pptx").blocks()]
    assert texts == ["The loss is ∑_{i=1}^N (a_i)/(√(b)) over all of the tokens."]


@pytest.mark.long
def test_an_e_mail_is_a_paper_named_by_its_subject(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["MIME-Version"] = "A Small Paper", "Ada <a@example.org>", "1.0"
    message.set_content("We do things in this paper, and more.\n\nAnd it goes on with words.")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="the paper.pdf")
    (tmp_path / "paper.eml").write_bytes(bytes(message))
    paper = read_paper(tmp_path / "paper.eml")
    assert paper.title == "A Small Paper"
    assert "We do things in this paper, and more." in paper.markdown()
    assert any("not read: the paper.pdf" in warning for warning in paper.warnings)


def test_without_the_packages_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "paper.eml").write_text("From: a@example.org\nMIME-Version: 1.0\n\nWords.\n")
    monkeypatch.setattr(elements, "find_spec", lambda name: None)
    with pytest.raises(DocumentError, match="pip install unstructured langchain-community"):
        read_paper(tmp_path / "paper.eml")
