"""Several samples of one judgement made into one result: mean, spread, critiques merged by file and function."""

import statistics
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from state.judgements import Critique, Judgement
from state.review import Severity

_GRAVEST_FIRST: tuple[Severity, ...] = ("high", "medium", "low")


class Result(BaseModel):
    model_config = ConfigDict(frozen=True)


class Invalid(Result):
    """An answer that could not be used after its repair turns.  It counts for nothing and is told."""

    about: str  # the sample, or the leaf's place in the tree
    reason: str


class MergedCritique(Result):
    """What the samples say about one place."""

    file: str
    function: str
    severity: Severity  # the gravest that a sample gave it
    samples: int  # how many of them say something about it
    texts: tuple[str, ...]  # each once


class ProtocolResult(Result):
    """`spread` is the standard deviation between samples; None for one alone."""

    asked: int
    scores: tuple[int, ...]
    invalid: tuple[Invalid, ...]
    mean: float
    spread: float | None
    critiques: tuple[MergedCritique, ...]
    left_out: tuple[str, ...] = ()


def merged(
    asked: int, valid: Sequence[Judgement], invalid: Sequence[Invalid], left_out: Sequence[str]
) -> ProtocolResult:
    """Raises ValueError without a valid sample: no answer is no score."""
    if not valid:
        raise ValueError(f"none of {asked} samples was valid")
    scores = tuple(judgement.score for judgement in valid)
    return ProtocolResult(
        asked=asked,
        scores=scores,
        invalid=tuple(invalid),
        mean=statistics.fmean(scores),
        spread=statistics.stdev(scores) if len(scores) > 1 else None,
        critiques=tuple(_critiques(valid)),
        left_out=tuple(left_out),
    )


def _critiques(judgements: Sequence[Judgement]) -> list[MergedCritique]:
    """The gravest first; among these, what most samples say."""
    places: dict[tuple[str, str], list[tuple[int, Critique]]] = {}
    for number, judgement in enumerate(judgements):
        for critique in judgement.critique_list:
            place = (critique.file_name.strip(), _plain(critique.func_name))
            places.setdefault(place, []).append((number, critique))
    found = [_merged(*place, said) for place, said in places.items()]
    return sorted(found, key=lambda one: (_GRAVEST_FIRST.index(one.severity), -one.samples, one.file, one.function))


def _merged(file: str, function: str, said: Sequence[tuple[int, Critique]]) -> MergedCritique:
    severities = {critique.severity_level for _, critique in said}
    return MergedCritique(
        file=file,
        function=function,
        severity=next(severity for severity in _GRAVEST_FIRST if severity in severities),
        samples=len({number for number, _ in said}),
        texts=tuple(dict.fromkeys(critique.critique.strip() for _, critique in said)),
    )


def _plain(function: str) -> str:
    """`fit()` and `fit` are one function."""
    return function.strip().removesuffix("()")
