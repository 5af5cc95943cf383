"""Ids and labels."""

from papercoder.documents.builder import PaperBuilder
from state.paper import Paper


def built() -> Paper:
    builder = PaperBuilder("markdown")
    builder.title = "A Paper"
    builder.section("Attention", number="3.2", level=2)
    builder.paragraph("First.")
    builder.equation("a = b", "latex", number="4")
    builder.equation("c = d", "latex")
    builder.float("table", "| a |", "Results", number="1")
    builder.float("algorithm", "do it", "Steps", number="1")
    builder.float("figure", "", "A plot", number="2")
    builder.footnote("See there.", number="1")
    builder.abstract()
    builder.paragraph("We do things.")
    builder.section("Proofs", number="B.1", level=2, appendix=True)
    builder.paragraph("Trivial.")
    builder.section("Ethics Statement")
    builder.paragraph("None.")
    builder.reference("Somebody. Something. 2020.")
    return builder.build()


def test_every_kind_of_anchor_has_its_id_and_label() -> None:
    assert built().labels() == {
        "abstract": "Abstract",
        "abstract.p1": "Abstract ¶1",
        "S3.2": "§3.2",
        "S3.2.p1": "§3.2 ¶1",
        "E4": "Eq. 4",
        "S3.2.e1": "§3.2 eq. 1",
        "T1": "Table 1",
        "A1": "Alg. 1",
        "F2": "Fig. 2",
        "N1": "Footnote 1",
        "SB.1": "App. B.1",
        "SB.1.p1": "App. B.1 ¶1",
        "S-ethics-statement": "Ethics Statement",
        "S-ethics-statement.p1": "Ethics Statement ¶1",
        "B1": "[1]",
    }


def test_the_abstract_comes_first_wherever_it_was_found() -> None:
    assert built().sections[0].id == "abstract"


def test_ids_that_clash_get_letters() -> None:
    builder = PaperBuilder("pdf")
    for _ in range(60):
        builder.equation("x = 1", "latex", number="1")
    ids = [block.id for block in builder.build().blocks()]
    assert ids[:4] == ["E1", "E1b", "E1c", "E1d"]
    assert len(set(ids)) == 60


def test_text_before_any_heading_has_a_section() -> None:
    builder = PaperBuilder("pdf")
    builder.paragraph("Hello.")
    assert [section.id for section in builder.build().sections] == ["S-opening"]


def test_characters_no_prompt_can_carry_are_dropped() -> None:
    builder = PaperBuilder("pdf")
    builder.paragraph("a\x00b\ud800c\x1b[31m")
    assert builder.build().blocks()[0].text == "abc[31m"
