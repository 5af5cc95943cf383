"""Whether a requirement may be left out of what is counted, because the condition that it states does not hold.

That it does not is a model's word.  So it needs what can be looked up: words of the requirement, whoever wants to leave
it out has to find them there; a scope, without which the whole paper is to be reproduced; and no trace of what the
condition is about in that scope or in the program.
"""

import re
from collections.abc import Iterable, Iterator

from papercoder.checks.wording import canonical

_CLAUSE = re.compile(
    r"(?:only )?(?:if|when(?:ever)?|where(?:ver)?|in case|as long as|provided|should)\b(?: \S+){1,15}", re.I
)
_PHRASE = re.compile(r"(?i:only )?(?i:for|on|with|in|under)\b(?=.+[A-Z\d])(?: \S+){1,5}")
"""With a proper name: `on CIFAR-10` is a condition, `with dropout` is what is asked for."""
_EXCLUDED = re.compile(
    r"\b(?:not|no|without|except(?:ing)?|exclud\w+|but|leav\w+ out|left out|skip\w*|omit\w*|instead of|rather than)\b"
    r"[^.;\n]*",
    re.I,
)
"""The part of a scope that says what is not in it."""
_WORD = re.compile(r"[^\W_][\w.+-]*[^\W_]|[^\W\d_]")
_ANY = frozenset(
    re.findall(
        r"\w+",
        """
        a all an and any are as at be being but by case chosen data dataset datasets each every experiment experiments
        for from given has have if in instead is it its long model models of on one only or other paper provided
        section set sets should such than that the their then there these this those to under use used uses using was
        were when whenever where wherever which whose with
        """,
    )
)
"""Words that name nothing which a scope could leave out."""


def condition_problem(condition: str, requirement: str, scope: str, program: Iterable[str]) -> str:
    """Why the requirement applies all the same, as a sentence; empty if it may be left out.

    `program` are the texts of code and settings, without comments.
    """
    if not scope.strip():
        return "Nothing was left out of the run's scope."
    if not condition.strip() or canonical(condition) not in canonical(requirement):
        return "`condition` does not quote words of the item."
    condition = " ".join(condition.split())
    if not (_CLAUSE.fullmatch(condition) or _PHRASE.fullmatch(condition)):
        return f"“{condition}” is no condition: quote no more than `if …`, `when …`, or `on …` with its name."
    about = list(_names(condition))
    if not about:
        return f"“{condition}” names nothing that the scope could leave out."
    for place, text in (("The scope", _EXCLUDED.sub(" ", scope)), ("The code", "\n".join(program))):
        if all(name in _squeezed(text) for name in about):
            return f"{place} has to do with what “{condition}” names, so the item applies."
    return ""


def _names(condition: str) -> Iterator[str]:
    """What the condition is about, however it is spelled: `AQuA-RAT` and `aqua_rat` are one name."""
    words = (word.lower() for word in _WORD.findall(condition))
    return (name for word in words if word not in _ANY and (name := _squeezed(word)))


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
