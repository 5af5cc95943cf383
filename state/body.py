"""Texts that are kept out of the state: paper, analyses, code, tests, critiques."""

from state.artifacts import Artifact


class Body(Artifact):
    """A text that lives in the store under its SHA-256; the state carries only this."""

    sha256: str
    characters: int
