"""Two repositories compared, each pair of judgements in both orders, so that a judge's liking for a place cancels."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from papercoder.evaluation.scoring import Invalid, Result
from state.judgements import Better, PairJudgement

Order = Literal["AB", "BA"]
Winner = Literal["A", "B", "equal"]

_POINTS: dict[Winner, float] = {"A": 1.0, "equal": 0.5, "B": 0.0}


class Criterion(Result):
    """What two repositories are compared by."""

    id: str
    text: str
    weight: float


CRITERIA = (
    Criterion(id="method", text="The method: equations, algorithm steps and architecture as the paper has them.",
              weight=1),
    Criterion(id="data", text="The data: where they come from, how they are split and prepared.", weight=1),
    Criterion(id="experiments", text="The experiments: settings, schedules, baselines, ablations, seeds.", weight=1),
    Criterion(id="metrics", text="The measurements: how each reported number is computed and aggregated.", weight=1),
    Criterion(id="completeness", text="Completeness: nothing of the above is a stub, a placeholder, or missing.",
              weight=1),
    Criterion(id="soundness", text="Soundness: the code would run, and its parts fit each other.", weight=1),
)  # fmt: skip
"""For a comparison without a rubric."""


@dataclass(frozen=True)
class Trial:
    """The same questions asked in both orders."""

    ab: PairJudgement
    ba: PairJudgement


class Compared(Result):
    """`share` is A's part of the points: 1 where A is better in both orders, 0.5 where the orders cancel."""

    criterion: str
    text: str
    weight: float
    share: float
    winner: Winner
    reasons: tuple[str, ...] = ()


class ComparisonResult(Result):
    verdict: Winner
    overall: float  # A's part of the points for the whole
    criteria_share: float  # A's part over the criteria, by their weights
    criteria: tuple[Compared, ...]
    trials: int  # pairs of judgements with both orders valid
    swayed: float  # part of the decisions in which the two orders name opposite sides: the place decided
    invalid: tuple[Invalid, ...]
    left_out: tuple[str, ...] = ()


def compared(
    criteria: Sequence[Criterion], trials: Sequence[Trial], invalid: Sequence[Invalid], left_out: Sequence[str]
) -> ComparisonResult:
    """Raises ValueError without a trial that is valid in both orders."""
    if not trials:
        raise ValueError("no comparison was valid in both orders")
    rows = tuple(row for criterion in criteria if (row := _row(criterion, trials)))
    total = sum(row.weight for row in rows)
    part = sum(row.weight * row.share for row in rows) / total if total else 0.5
    overall = statistics.fmean(_share(trial.ab.overall, trial.ba.overall) for trial in trials)
    return ComparisonResult(
        verdict=_verdict(overall, part),
        overall=overall,
        criteria_share=part,
        criteria=rows,
        trials=len(trials),
        swayed=_swayed(trials),
        invalid=tuple(invalid),
        left_out=tuple(left_out),
    )


def _verdict(overall: float, part: float) -> Winner:
    """The whole decides, unless the criteria point the other way: then nothing is decided."""
    whole, parts = winner(overall), winner(part)
    return "equal" if parts not in (whole, "equal") else whole


def winner(share: float) -> Winner:
    if abs(share - 0.5) < 1e-9:
        return "equal"
    return "A" if share > 0.5 else "B"


def _row(criterion: Criterion, trials: Sequence[Trial]) -> Compared | None:
    """None where no judgement about it was valid in both orders."""
    asked = [trial for trial in trials if criterion.id in _by_criterion(trial.ab)]
    both = [(_by_criterion(trial.ab)[criterion.id], _by_criterion(trial.ba)[criterion.id]) for trial in asked]
    if not both:
        return None
    share = statistics.fmean(_share(ab.better, ba.better) for ab, ba in both)
    reasons = dict.fromkeys(one.reason.strip() for pair in both for one in pair)
    return Compared(
        criterion=criterion.id, text=criterion.text, weight=criterion.weight, share=share, winner=winner(share),
        reasons=tuple(reasons),
    )  # fmt: skip


def _by_criterion(judgement: PairJudgement) -> Mapping[str, "_Said"]:
    return {one.criterion: _Said(one.better, one.reason) for one in judgement.preferences}


@dataclass(frozen=True)
class _Said:
    better: Better
    reason: str


def _share(in_ab: Better, in_ba: Better) -> float:
    """A's points over the two orders."""
    return (_POINTS[_named(in_ab, "AB")] + _POINTS[_named(in_ba, "BA")]) / 2


def _named(better: Better, order: Order) -> Winner:
    if better == "equal":
        return "equal"
    return "A" if (better == "first") == (order == "AB") else "B"


def _swayed(trials: Sequence[Trial]) -> float:
    decisions = [pair for trial in trials for pair in _decisions(trial)]
    opposite = [ab == ba != "equal" for ab, ba in decisions]  # the same place in both orders
    return sum(opposite) / len(decisions)


def _decisions(trial: Trial) -> list[tuple[Better, Better]]:
    ab, ba = _by_criterion(trial.ab), _by_criterion(trial.ba)
    return [(trial.ab.overall, trial.ba.overall), *((said.better, ba[name].better) for name, said in ab.items())]
