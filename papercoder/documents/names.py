"""Telling the names of people from affiliations."""

import re

INSTITUTION = re.compile(
    r"universit|institut|research|google|laborator|department|school|college|corporation|\binc\b|brain|deepmind|"
    r"openai|microsoft|equal|contribution|@|http|\bwork\b|berkeley|stanford|correspond|academy|cent(?:er|re)\b|\bat\b|\bof\b|"
    r"preprint|proceedings|conference|china|usa\b|engineering|science|technolog|toronto|\bai\b",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W\d_][^\W\d_.'’-]*[.'’-]?(?:[^\W\d_.]*)")
MAX_NAME = 60


def is_name(text: str) -> bool:
    """Whether a text looks like the name of a person."""
    words = text.split()
    if not 2 <= len(words) <= 5 or len(text) > MAX_NAME or INSTITUTION.search(text):
        return False
    letters = all(character.isalpha() or character in " .'’-" for character in text)
    return letters and words[0][0].isupper() and words[-1][0].isupper()
