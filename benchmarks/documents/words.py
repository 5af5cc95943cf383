"""Texts as words, and words as 5-grams: what is left of a paper when its typesetting is gone."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

Gram = tuple[str, ...]

FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)
CITATION = re.compile(r"\[[\w, .:;+/-]{1,120}\]|\([^()]{0,200}\b(?:19|20)\d\d[a-z]?\)")
WORD = re.compile(r"[^\W\d_]+")
N = 5


def words(text: str) -> list[str]:
    """Lower-case runs of letters."""
    return WORD.findall(unicodedata.normalize("NFKC", text).lower())


def runs(text: str) -> list[list[str]]:
    """The words of a true text between its formulas and citations, which every form of a paper prints in its way."""
    return [words(part) for part in CITATION.sub("\0", FORMULA.sub("\0", text)).split("\0")]


def grams(sequence: Sequence[str], n: int = N) -> list[Gram]:
    return [tuple(sequence[start : start + n]) for start in range(len(sequence) - n + 1)]


def true_grams(texts: Iterable[str], n: int = N) -> list[Gram]:
    """The 5-grams of true texts, in order."""
    return [gram for text in texts for run in runs(text) for gram in grams(run, n)]


def read_grams(texts: Iterable[str], n: int = N) -> list[Gram]:
    """The 5-grams of what was read, across the borders of its pieces."""
    return grams([word for text in texts for word in words(text)], n)


def letters(text: str) -> str:
    """A title for comparing: letters and digits alone."""
    plain = unicodedata.normalize("NFKC", re.sub(r"\\[a-zA-Z]+", "", text))
    return re.sub(r"[\W_]+", "", plain).lower()
