"""The turns of a conversation after the first: a cut answer is continued, an unusable one sent back."""

from papercoder.models.answers import fences, without_reasoning
from papercoder.models.requests import Message, Messages
from prompts import render


def continued(first: Messages, partial: str) -> Messages:
    tail = "\n".join(partial.rstrip("\n").split("\n")[-3:])
    return (*first, Message("assistant", partial), Message("user", render("continue", tail=tail)))


def whole_lines(text: str) -> str:
    """Without the unfinished last line, which is asked for again; a text of one line stays as it is."""
    end = text.rfind("\n") + 1
    return text[:end] if end > len(text) // 2 else text


def joined(partial: str, text: str) -> str:
    """A cut answer and its continuation, which sometimes opens the fence a second time."""
    if not partial:
        return text
    first, line_end, rest = without_reasoning(text).lstrip("\n").partition("\n")
    if (
        line_end
        and first.startswith(("```", "~~~"))
        and (first.strip("`~ ") or not all(b.closed for b in fences(rest)))
    ):
        return partial + rest
    return partial + first + line_end + rest


def sent_back(first: Messages, text: str, problem: str) -> Messages:
    if not text.strip():
        return first  # nothing to quote: the same question, asked again
    return (*first, Message("assistant", text), Message("user", render("repair", problem=problem)))
