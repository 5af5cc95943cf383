"""Theorem-like environments: their titles and numbers."""

import re

from papercoder.documents.latex_numbers import Numbers

USUAL_NAMES = """
theorem lemma corollary proposition definition remark assumption claim example fact conjecture proof
"""
USUAL = tuple(USUAL_NAMES.split())
NEW = re.compile(r"\\newtheorem(\*?)\s*\{(\w+)\}\s*(?:\[(\w+)\])?\s*\{([^{}]*)\}\s*(?:\[(\w+)\])?")


class Theorems:
    """What ``\\newtheorem`` declares, and the usual names that style files declare."""

    def __init__(self, text: str, numbers: Numbers) -> None:
        self._numbers = numbers
        self._titles = {name: name.capitalize() for name in USUAL}
        self._counters = {name: name for name in USUAL}
        self._unnumbered = {"proof"}
        for star, name, shared, title, within in NEW.findall(text):
            self._titles[name] = title
            self._counters[name] = self._counters.get(shared, shared) or name
            if star:
                self._unnumbered.add(name)
            if within and within != self._counters[name]:
                numbers.within[name] = within

    def knows(self, environment: str) -> bool:
        return environment.rstrip("*") in self._titles

    def next(self, environment: str) -> tuple[str, str]:
        """The title and number of the next such environment."""
        name = environment.rstrip("*")
        unnumbered = environment.endswith("*") or name in self._unnumbered
        number = "" if unnumbered else self._numbers.next(self._counters[name])
        return self._titles[name], number
