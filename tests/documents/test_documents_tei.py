"""GROBID's TEI and EPUBs."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from papercoder.documents import DocumentError, read_paper
from state.paper import Paper

ReadText = Callable[[str, str], Paper]

TEI = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt><title level="a">A Small Paper</title>
</titleStmt><sourceDesc><biblStruct><analytic><author><persName><forename>Ada</forename><surname>Lovelace</surname>
</persName></author></analytic></biblStruct></sourceDesc></fileDesc>
<profileDesc><abstract><div><p>We do things.</p></div></abstract></profileDesc></teiHeader>
<text><body><div><head n="1">Introduction</head><p>We begin <ref type="bibr">[1]</ref>.</p></div>
<div><head n="2.1">Energy</head><p coords="3,10,10,10,10">It is</p><formula>E = mc 2 <label>(4)</label></formula></div>
<figure type="table"><head>Table 1</head><label>1</label><figDesc>Table 1: Scores.</figDesc>
<table><row><cell>Model</cell><cell>Score</cell></row><row><cell>Ours</cell><cell>1.0</cell></row></table></figure>
<figure><head>Fig. 2</head><figDesc>Fig. 2. A plot.</figDesc></figure>
<note place="foot" n="1">A note.</note></body>
<back><div type="references"><listBibl><biblStruct xml:id="b2"><note type="raw_reference">D. Knuth. The TeXbook.</note>
</biblStruct></listBibl></div></back></text></TEI>"""
CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
BOOK = (
    '<package><manifest><item id="a" href="a%20one.xhtml"/><item id="b" href="b.xhtml"/></manifest>'
    '<spine><itemref idref="b"/><itemref idref="a"/></spine></package>'
)
CHAPTER = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>%s</body></html>'


def test_grobid_s_tei_keeps_numbers_tables_formulas_and_pages(read_text: ReadText) -> None:
    paper = read_text("p.tei.xml", TEI)
    assert (paper.title, paper.authors, paper.format) == ("A Small Paper", ("Ada Lovelace",), "tei")
    blocks = {block.id: block for block in paper.blocks()}
    assert set(blocks) == {"abstract.p1", "S1.p1", "S2.1.p1", "E4", "T1", "F2", "N1"}
    assert (blocks["E4"].text, blocks["E4"].notation) == ("E = mc 2", "linearised")
    assert blocks["T1"].text == "| Model | Score |\n|---|---|\n| Ours | 1.0 |"
    assert (blocks["T1"].caption, blocks["F2"].caption) == ("Scores.", "A plot.")
    assert blocks["S2.1.p1"].location.page == 3
    assert [(r.id, r.text) for r in paper.references] == [("B3", "D. Knuth. The TeXbook.")]


def test_entities_in_tei_bring_nothing_in(read_text: ReadText) -> None:
    declared = TEI.replace("?>", '?><!DOCTYPE TEI [<!ENTITY e SYSTEM "file:///etc/passwd">]>', 1)
    with pytest.raises(DocumentError):
        read_text("p.tei.xml", declared.replace("We begin", "&e;"))


def epub(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {"mimetype": "application/epub+zip", **files}.items():
            archive.writestr(name, text)
    return path


def test_an_epub_is_read_chapter_by_chapter_in_its_order(tmp_path: Path) -> None:
    first = CHAPTER % "<h2>1 First</h2><p>Words of <math><mi>x</mi></math>.</p>"
    second = CHAPTER % '<h2>2 Second</h2><p>More words.</p><p hidden="">SECRET</p>'
    names = {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": BOOK}
    paper = read_paper(epub(tmp_path / "p.epub", {**names, "OEBPS/b.xhtml": first, "OEBPS/a one.xhtml": second}))
    assert [(b.id, b.text) for b in paper.blocks()] == [("S1.p1", "Words of $x$."), ("S2.p1", "More words.")]
    assert "SECRET" in paper.warnings[0]


def test_footnotes_at_a_chapter_s_end_are_footnotes(tmp_path: Path) -> None:
    notes = '<section class="footnotes"><aside role="doc-footnote" id="fn1"><p>The note.</p></aside></section>'
    chapter = f'<html><body><h1>A</h1><p>Words<a href="#fn1" role="doc-noteref">1</a>.</p>{notes}</body></html>'
    files = {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": BOOK}
    paper = read_paper(epub(tmp_path / "p.epub", {**files, "OEBPS/b.xhtml": chapter, "OEBPS/a one.xhtml": chapter}))
    assert [(block.kind, block.text) for block in paper.blocks()][:2] == [
        ("paragraph", "Words."),
        ("footnote", "The note."),
    ]


def test_an_epub_without_its_chapters_says_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="EPUB"):
        read_paper(epub(tmp_path / "p.epub", {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": BOOK}))
