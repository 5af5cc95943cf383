"""Putting edits into files: all of them or none, each where its SEARCH text stands and nowhere else."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from papercoder.edits.blocks import Edit, EditError, Reading
from papercoder.edits.matching import Match, exact_matches, loose_matches, nearest, rebased, trimmed
from state.paths import check_name

Addable = Callable[[str], object]
"""Raises ValueError for the path of a file that may not be added."""

_SHOWN_PLACES = 6
_SHOWN_LINES = 40


@dataclass(frozen=True)
class Applied:
    """`files` are those that changed or were created; `already` the edits whose result was there before."""

    files: dict[str, str]
    already: tuple[Edit, ...] = ()


class _Unplaced(Exception):
    """Why one edit has no place."""


def apply_edits(
    files: Mapping[str, str], edits: Iterable[Edit], allowed: Collection[str] | None = None,
    addable: Addable | None = None,
) -> Applied:  # fmt: skip
    """The files with the edits put in, one after the other; raises `EditError` with every edit that does not apply.

    `allowed` are the paths that may be changed or created; None: those in `files`.  An empty SEARCH creates a file,
    or fills an empty one.  `addable` judges the others that are not there; None: none of them may be created.
    """
    may_change = set(files) if allowed is None else set(allowed)
    changed: dict[str, str] = {}
    already: list[Edit] = []
    problems: list[str] = []
    for edit in edits:
        before = changed.get(edit.path, files.get(edit.path))
        try:
            _check_path(edit.path, may_change, addable if edit.path not in files else None)
            after = _edited(before, edit)
        except _Unplaced as problem:
            problems.append(f"Edit {edit.number} ({edit.path}) does not apply: {problem}")
            continue
        if after is None:
            already.append(edit)
        else:
            changed[edit.path] = after
    if problems:
        raise EditError("\n\n".join(problems) + "\n\nNo edit was applied. Send all of them again, these mended.")
    return Applied({path: text for path, text in changed.items() if text != files.get(path)}, tuple(already))


def _check_path(path: str, allowed: Collection[str], addable: Addable | None) -> None:
    try:
        check_name(path)
        if path not in allowed and addable:
            addable(path)
    except ValueError as error:  # an unsafe path, or what is not to be added
        raise _Unplaced(f"{error}.") from error
    if path not in allowed and not addable:
        names = ", ".join(sorted(allowed)[:_SHOWN_LINES]) or "none"
        raise _Unplaced(f"this file may not be changed. These may: {names}.")


def _as_written(placed: list[tuple[Reading, Match]]) -> list[tuple[Reading, Match]]:
    """Fences belong to the file where they fit it; else they were the answer's."""
    return [pair for pair in placed if not pair[0].bare] or placed


def _edited(text: str | None, edit: Edit) -> str | None:
    """The text after the edit; None if it was done before."""
    if not text:
        return _created(text, edit)
    lines = text.removesuffix("\n").split("\n")
    plain = [line.removesuffix("\r") for line in lines]
    readings = [reading for reading in edit.readings if reading.search]
    if exact := _as_written([(r, match) for r in readings for match in exact_matches(plain, _lines(r.search))]):
        reading, match = _only(exact, plain)
        return _with(text, lines, match, _lines(reading.replace))
    if not any(reading.search.strip() for reading in readings):
        raise _Unplaced(f"its SEARCH is empty, but the file has {len(plain)} lines: quote the lines to replace.")
    if loose := _as_written([(r, match) for r in readings for match in loose_matches(plain, _core(r.search))]):
        reading, match = _only(loose, plain)
        return _with(text, lines, match, _fitted(reading, plain[match.start : match.end]))
    if _is_done(plain, readings):
        return None
    raise _Unplaced(_nearest_text(plain, _core(edit.search)))


def _created(text: str | None, edit: Edit) -> str | None:
    """An empty or missing file gets the new text if the SEARCH is empty, too."""
    for reading in edit.readings:
        if not reading.search.strip():
            return reading.replace
    state = "is empty" if text is not None else "does not exist"
    raise _Unplaced(f"the file {state}, so its SEARCH must be empty.")


def _lines(text: str) -> list[str]:
    return text.split("\n")[:-1]


def _core(text: str) -> list[str]:
    return trimmed(_lines(text))


def _only(found: Sequence[tuple[Reading, Match]], lines: Sequence[str]) -> tuple[Reading, Match]:
    if len(found) == 1:
        return found[0]
    if len({reading for reading, _ in found}) > 1:
        raise _Unplaced(
            "its text has a line that looks like the mark between old and new, and fits however it is divided. "
            "Write the block with longer marks: `<<<<<<<<< SEARCH`, `=========`, `>>>>>>>>> REPLACE`."
        )
    shown = (_numbered(lines, match.start, min(match.end, match.start + 3)) for _, match in found[:_SHOWN_PLACES])
    places = "\n".join(shown)
    raise _Unplaced(f"its SEARCH text fits {len(found)} places. Add lines before or after until it fits one:\n{places}")


def _with(text: str, lines: list[str], match: Match, new: Sequence[str]) -> str:
    """The file with the new lines, which get the file's line ends; the others stay as they are."""
    end = "\r" if text.count("\r\n") * 2 > text.count("\n") else ""
    result = [*lines[: match.start], *(line + end for line in new), *lines[match.end :]]
    whole = text.endswith("\n")
    if result and not whole:
        result[-1] = result[-1].removesuffix("\r")
    return "\n".join(result) + ("\n" if result and whole else "")


def _fitted(reading: Reading, found: Sequence[str]) -> list[str]:
    moved = rebased(_core(reading.replace), _core(reading.search), found)
    if moved is None:
        raise _Unplaced(
            "its SEARCH text fits but for indentation, which does not correspond. Quote the lines exactly:\n"
            + "\n".join(found)
        )
    return moved


def _is_done(lines: Sequence[str], readings: Sequence[Reading]) -> bool:
    """Whether the new text stands in the file already, in one place, and says something."""
    written = [_lines(reading.replace) for reading in readings if reading.replace.strip()]
    return any(len(exact_matches(lines, new)) == 1 for new in written)


def _nearest_text(lines: Sequence[str], search: Sequence[str]) -> str:
    near = nearest(lines, search)
    if near is None:
        return f"its SEARCH text is not in the file, nor anything like it. It begins with: {search[0][:100]!r}."
    return (
        "its SEARCH text is not in the file. Nearest to it, and to be quoted exactly, are these lines:\n"
        + _numbered(lines, near.start, min(near.end, near.start + _SHOWN_LINES))
    )


def _numbered(lines: Sequence[str], start: int, end: int) -> str:
    return "\n".join(f"{number + 1:>5} | {lines[number]}" for number in range(start, min(end, len(lines))))
