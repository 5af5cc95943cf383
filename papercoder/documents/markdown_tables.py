"""pandoc's tables in Markdown: simple ones and those of several lines by their rules of dashes, and grids."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

COLUMNS = re.compile(r" {0,3}-{2,}(?: +-{2,})+ *")
RULE = re.compile(r" {0,3}-{5,} *")
GRID = re.compile(r" {0,3}\+(?:[-=:]{2,}\+)+ *")
GRID_ROW = re.compile(r" {0,3}[|+].*[|+] *")
INNER = re.compile(r"(?<=\+)[-=:]{2,}(?=\+)")
MAX_HEAD_LINES = 8
MAX_LINES = 2_000

Spans = Sequence[tuple[int, int | None]]


def table_at(lines: Sequence[str], at: int) -> tuple[list[str], int] | None:
    """The table that begins on a line, as rows between bars, and the line behind it."""
    if GRID.fullmatch(lines[at]):
        return _grid(lines, at)
    if RULE.fullmatch(lines[at]):
        return _of_several_lines(lines, at)
    if COLUMNS.fullmatch(lines[at]):
        return _headless(lines, at)
    if at + 1 < len(lines) and COLUMNS.fullmatch(lines[at + 1]) and lines[at].strip():
        return _simple(lines, at)
    return None


def _simple(lines: Sequence[str], at: int) -> tuple[list[str], int]:
    """A head, a rule, and rows to the next blank line or rule."""
    spans = _spans(lines[at + 1])
    end = at + 2
    while end < len(lines) and lines[end].strip() and not _is_rule(lines[end]):
        end += 1
    rows = [_cells([lines[at]], spans), *(_cells([line], spans) for line in lines[at + 2 : end])]
    return _rows(rows), end + (end < len(lines) and _is_rule(lines[end]))


def _headless(lines: Sequence[str], at: int) -> tuple[list[str], int] | None:
    """Rows between two rules, a line each, or apart by blank lines."""
    end = _closing(lines, at)
    rows = _groups(lines[at + 1 : end], _spans(lines[at])) if end else []
    return (_rows(rows), end + 1) if end and rows else None


def _of_several_lines(lines: Sequence[str], at: int) -> tuple[list[str], int] | None:
    """A rule, a head, the columns, rows of several lines that are apart by blank ones, a rule."""
    columns = next(
        (n for n in range(at + 2, min(at + MAX_HEAD_LINES, len(lines))) if COLUMNS.fullmatch(lines[n])), None
    )
    end = _closing(lines, columns) if columns else None
    if columns is None or end is None:
        return None
    spans = _spans(lines[columns])
    return _rows([_cells(lines[at + 1 : columns], spans), *_groups(lines[columns + 1 : end], spans)]), end + 1


def _grid(lines: Sequence[str], at: int) -> tuple[list[str], int] | None:
    """Rows between lines of a grid; a cell over several columns stands in the first of them."""
    end = at
    while end < len(lines) and GRID_ROW.fullmatch(lines[end]):
        end += 1
    inside = lines[at:end]
    edges = sorted(
        {match.start() for line in inside if line.lstrip().startswith("+") for match in re.finditer(r"\+", line)}
    )
    rows: list[list[str]] = []
    group: list[str] = []
    for line in inside:
        if GRID.fullmatch(line):
            rows += [_between(group, edges)] if group else []
            group = []
        elif INNER.search(line):  # a line below some of the cells, beside one over several rows
            rows += [_between(group, edges)] if group else []
            group = [INNER.sub(lambda found: " " * len(found.group()), line)]
        else:
            group.append(line)
    return (_rows(rows), end) if rows else None


def _between(lines: Sequence[str], edges: Sequence[int]) -> list[str]:
    cells = [""] * (len(edges) - 1)
    for line in lines:
        first = 0
        for column, (start, end) in enumerate(pairwise(edges)):
            first = column if line[start : start + 1] in ("|", "+") else first
            text = line[start:end].removeprefix("|").removeprefix("+").strip()
            cells[first] = f"{cells[first]} {text}".strip()
    return cells


def _closing(lines: Sequence[str], at: int) -> int | None:
    return next((n for n in range(at + 1, min(at + MAX_LINES, len(lines))) if _is_rule(lines[n])), None)


def _is_rule(line: str) -> bool:
    return bool(RULE.fullmatch(line) or COLUMNS.fullmatch(line))


def _spans(rule: str) -> Spans:
    """Where each column begins and ends; the last one goes on."""
    starts = [match.start() for match in re.finditer(r"-+", rule)]
    return list(zip(starts, [*starts[1:], None], strict=True))


def _groups(lines: Sequence[str], spans: Spans) -> list[list[str]]:
    if all(line.strip() for line in lines):
        return [_cells([line], spans) for line in lines]
    return [_cells(group, spans) for group in _paragraphs(lines)]


def _paragraphs(lines: Sequence[str]) -> Iterator[list[str]]:
    group: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            group.append(line)
        elif group:
            yield group
            group = []


def _cells(lines: Sequence[str], spans: Spans) -> list[str]:
    return [" ".join(" ".join(line[start:end] for line in lines).split()) for start, end in spans]


def _rows(rows: Sequence[Sequence[str]]) -> list[str]:
    head, *rest = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return [head, "|" + "---|" * len(rows[0]), *rest]
