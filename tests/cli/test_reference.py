"""The documentation says what the commands say, and draws what the graph is."""

from pathlib import Path

from papercoder.cli.reference import reference, with_drawing

DOCS = Path(__file__).parents[2] / "docs"


def test_docs_cli_says_what_help_says() -> None:
    assert (DOCS / "cli.md").read_text(encoding="utf-8") == reference(), "renew it: make docs"


def test_docs_studio_draws_the_graph_that_is_served() -> None:
    document = (DOCS / "studio.md").read_text(encoding="utf-8")
    assert "revising" in document
    assert document == with_drawing(document), "renew it: make docs"
