"""What the words of a heading say: its number, its title, and whether references follow."""

import re

from state.paper import CHECKLIST

NUMBERED = re.compile(r"(?:§\s*|Section\s+)?(\d{1,2}(?:\.\d{1,2}){0,4})[.:)]?\s+(\S.*)", re.DOTALL)
APPENDIX = re.compile(r"(?:Appendix\s+|App\.\s*)([A-Z](?:\.\d{1,2}){0,4})\b[.:]?\s*(.*)", re.DOTALL | re.IGNORECASE)
LETTERED = re.compile(r"([A-Z](?:\.\d{1,2}){1,4}\.?|[A-Z][.:]?)\s+(\S.*)", re.DOTALL)
ROMAN = re.compile(r"([IVX]{1,5})\.\s+(\S.*)", re.DOTALL)
VALID_ROMAN = re.compile(r"X{0,3}(IX|IV|V?I{0,3})")


def is_abstract(title: str) -> bool:
    """Whether a heading opens the abstract."""
    return title.strip("*_ :.").lower() == "abstract"


def is_references(title: str) -> bool:
    """Whether a heading opens the bibliography."""
    _, words, _ = split_number(title.strip("*_ :"))
    return words.strip("*_ :.").lower() in {"references", "bibliography", "references cited", "literature cited"}


def is_checklist(title: str) -> bool:
    """Whether a heading opens a conference's checklist, which says nothing about the method."""
    return bool(CHECKLIST.search(title))


def split_number(heading: str, *, in_appendix: bool = False) -> tuple[str, str, bool]:
    """A heading as number, title, and whether the number is an appendix's.

    Outside an appendix a lone ``A`` or ``I`` is a word: `A Study of …`, `I Remember …`.
    """
    heading = heading.strip()
    if match := NUMBERED.fullmatch(heading):
        return match.group(1), match.group(2), False
    if match := APPENDIX.fullmatch(heading):
        number = match.group(1).upper()
        return number, match.group(2) or f"Appendix {number}", True
    roman = ROMAN.fullmatch(heading)
    if roman and VALID_ROMAN.fullmatch(roman.group(1)):
        return roman.group(1), roman.group(2), False
    if (match := LETTERED.fullmatch(heading)) and (in_appendix or match.group(1) not in ("A", "I")):
        return match.group(1).rstrip(".:"), match.group(2), True
    return "", heading, False


def depth(number: str) -> int:
    """The level of a section with this number."""
    return number.count(".") + 1
