"""The documentation of the command line is what the commands say."""

from pathlib import Path

from papercoder.cli.reference import reference

DOCUMENT = Path(__file__).parents[2] / "docs" / "cli.md"


def test_docs_cli_says_what_help_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == reference(), "renew it: make docs"
