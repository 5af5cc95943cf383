"""What an evaluation reports: `report.json`, and the same in Markdown."""

from collections.abc import Iterable, Iterator

from papercoder.evaluation.grading import CategoryScore, GradedLeaf, RubricResult
from papercoder.evaluation.pairs import ComparisonResult
from papercoder.evaluation.rubric import RubricNode
from papercoder.evaluation.scoring import Invalid, ProtocolResult, Result

MOST_LEAVES = 400
"""In Markdown; report.json has them all."""


class Report(Result):
    """No times, so that the same answers make the same report."""

    run: str
    paper: str
    repositories: tuple[str, ...]
    gold: str
    rubric: str  # the file it came from, or how it was made
    model: str
    papercoder: str
    prompts: str
    reference_free: ProtocolResult | None = None
    reference_based: ProtocolResult | None = None
    graded: RubricResult | None = None
    comparison: ComparisonResult | None = None

    @property
    def figures(self) -> list[tuple[str, float, str]]:
        """Names, values and what they rest on: from 1 to 5 as the paper has it, the others from 0 to 1."""
        found: list[tuple[str, float, str]] = []
        for name, result in (("reference-free", self.reference_free), ("reference-based", self.reference_based)):
            if result:
                found.append((name, result.mean, f"{_mean(result)}, {len(result.scores)} of {result.asked} samples"))
        if self.graded:
            found.append(("rubric", self.graded.score, f"{self.graded.mode}, {len(self.graded.leaves)} leaves"))
        if self.comparison:
            found.append(("comparison", self.comparison.overall, verdict(self.comparison)))
        return found


Row = tuple[str, ...]


def table(report: Report) -> tuple[Row, list[Row]]:
    """Head and rows: what was judged by what, the score, and what it rests on."""
    rows: list[Row] = []
    for name, result in (("reference-free", report.reference_free), ("reference-based", report.reference_based)):
        if result:
            rows.append(
                (name, _mean(result), f"{len(result.scores)} of {result.asked} samples", _invalid(result.invalid))
            )
    if report.graded:
        rows += _rubric_rows(report.graded)
    if report.comparison:
        rows += _comparison_rows(report.comparison)
    return ("Judged by", "Score", "Rests on", "Invalid"), rows


def _rubric_rows(result: RubricResult) -> Iterator[Row]:
    yield f"rubric, {result.mode}", f"{result.score:.1%}", _judged(result), _invalid(result.invalid)
    categories = result.categories if len(result.categories) > 1 else ()
    for row in (*categories, *result.finegrained):
        yield f"· {row.category}", f"{row.score:.1%}", _met(row), ""


def _judged(result: RubricResult) -> str:
    """How many leaves a judge was asked about: the others nobody has run."""
    asked = sum(leaf.grade is not None for leaf in result.leaves) + len(result.invalid)
    return f"{asked} leaves" if asked == len(result.leaves) else f"{asked} of {len(result.leaves)} leaves"


def _comparison_rows(result: ComparisonResult) -> Iterator[Row]:
    yield "A against B", _side(result.overall), f"{result.trials} pairs in both orders", _invalid(result.invalid)
    yield "· criteria, weighted", _side(result.criteria_share), f"{len(result.criteria)} criteria", ""
    if len(result.criteria) <= MOST_LEAVES:
        yield from ((f"· {row.criterion}", _side(row.share), "", "") for row in result.criteria)


def verdict(result: ComparisonResult) -> str:
    """One sentence."""
    said = {"A": "A is better.", "B": "B is better.", "equal": "Neither is better, as far as the judge can tell."}
    return f"{said[result.verdict]} In {result.swayed:.0%} of its decisions the judge followed the place, not the code."


def _side(share: float) -> str:
    """A's points of a hundred, beside B's."""
    return f"{share:.0%} : {1 - share:.0%}"


def _met(row: CategoryScore) -> str:
    return f"{row.met} of {row.leaves} met"


def _mean(result: ProtocolResult) -> str:
    return f"{result.mean:.2f}" + (f" ± {result.spread:.2f}" if result.spread is not None else "") + " of 5"


def _invalid(found: Iterable[Invalid]) -> str:
    return str(len(tuple(found)) or "")


def report_files(report: Report, rubric: RubricNode | None) -> dict[str, str]:
    """The files of the report's folder.  A rubric that was made is kept, so that others can be graded by it."""
    files = {"report.json": report.model_dump_json(indent=1) + "\n", "report.md": markdown(report)}
    if rubric:
        files["rubric.json"] = rubric.model_dump_json(indent=1) + "\n"
    return files


def markdown(report: Report) -> str:
    """The report for people."""
    head, rows = table(report)
    lines = [
        f"# Evaluation: {_inline(report.paper)}",
        "",
        *(f"- {name}: {_inline(text)}" for name, text in _facts(report) if text),
        "",
        *_grid(head, rows),
        "",
        *(_comparison(report.comparison) if report.comparison else ()),
        *(_critiques("Critiques, reference-free", report.reference_free) if report.reference_free else ()),
        *(_critiques("Critiques, reference-based", report.reference_based) if report.reference_based else ()),
        *(_leaves(report.graded) if report.graded else ()),
        *_asides(report),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _facts(report: Report) -> list[tuple[str, str]]:
    labels = ("A", "B") if len(report.repositories) == 2 else ("Repository",)
    return [
        *zip(labels, report.repositories, strict=True),
        ("Gold repository", report.gold),
        ("Rubric", report.rubric),
        ("Judge", report.model),
        ("Run", f"{report.run}, papercoder {report.papercoder}"),
    ]


def _comparison(result: ComparisonResult) -> Iterator[str]:
    yield from ("## Verdict", "", verdict(result), "", "## Criteria", "")
    rows = [(row.criterion, _inline(row.text), _side(row.share), row.winner) for row in result.criteria]
    yield from (*_grid(("Criterion", "What", "A : B", "Better"), rows), "")
    yield from ("## Reasons", "")
    for row in result.criteria:
        yield from (f"**{_inline(row.criterion)}**", "", *(f"- {_inline(reason)}" for reason in row.reasons), "")


def _critiques(title: str, result: ProtocolResult) -> Iterator[str]:
    yield from (f"## {title}", "")
    for one in result.critiques:
        place = "`, `".join(_code(part) for part in (one.file, one.function) if part) or "the whole"
        yield f"- **{one.severity}** `{place}` ({one.samples} of {len(result.scores)} samples)"
        yield from (f"  - {_inline(text)}" for text in one.texts)
    yield ""


def _leaves(result: RubricResult) -> Iterator[str]:
    yield from ("## Leaves", "")
    rows = [
        (leaf.key, "met" if leaf.score else "not met", _inline(leaf.requirements), _inline(_why(leaf)))
        for leaf in result.leaves[:MOST_LEAVES]
    ]
    yield from _grid(("Place", "Verdict", "Requirement", "Why"), rows)
    if len(result.leaves) > MOST_LEAVES:
        yield f"\n{len(result.leaves) - MOST_LEAVES:,} more are in report.json."
    yield ""


def _why(leaf: GradedLeaf) -> str:
    if not leaf.grade:
        return leaf.note
    evidence = ", ".join(leaf.grade.evidence)
    return f"{leaf.grade.reality} ({evidence})" if evidence else leaf.grade.reality


def _asides(report: Report) -> Iterator[str]:
    """What did not count, and what nobody saw."""
    results = [
        found for found in (report.reference_free, report.reference_based, report.graded, report.comparison) if found
    ]
    if invalid := [one for found in results for one in found.invalid]:
        yield from ("## Invalid answers", "", *(f"- {_inline(f'{one.about}: {one.reason}')}" for one in invalid), "")
    if left_out := dict.fromkeys(what for found in results for what in found.left_out):
        yield from ("## Left out for lack of room", "", *(f"- {_inline(what)}" for what in left_out), "")


def _grid(head: Row, rows: Iterable[Row]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]


def _inline(text: str) -> str:
    """One line of plain words: what a judge or a repository wrote must not become headings, links or HTML."""
    plain = " ".join(text.split())
    for character in "\\`*_[]#":
        plain = plain.replace(character, f"\\{character}")
    plain = plain.replace("<", "&lt;").replace(">", "&gt;")
    return "".join(character for character in plain if character.isprintable())


def _code(text: str) -> str:
    return "".join(character for character in text if character.isprintable() and character != "`")
