"""The manifests of runs that begin."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from papercoder.documents.addresses import address
from papercoder.evaluation.repository import read_repository
from papercoder.evaluation.requirements import read_any, read_text
from papercoder.publication.mended import check_clean
from papercoder.storage.manifests import RunRecord, now
from papercoder.versions import versions
from state.context import STAGES, Context
from state.errors import InputError
from state.evaluation import EvaluationRequest
from state.repair import RepairRequest


def run_record(
    source: Path | str, supplements: Sequence[Path | str], output: Path, base: Path | None, context: Context
) -> RunRecord:
    """Of a run that makes a repository.  Raises `InputError` where there is no such paper."""
    return _record(source, supplements, output, context).model_copy(
        update={"base": str(base.resolve()) if base else ""}
    )


def evaluation_record(
    source: Path | str, supplements: Sequence[Path | str], output: Path, request: EvaluationRequest, context: Context
) -> RunRecord:
    """Of an evaluation; what it reads is named from the root, so that it can be resumed from anywhere.

    Raises `InputError` where a repository or the rubric cannot be read.
    """
    for folder in filter(None, (*request.repositories, request.gold)):
        read_repository(Path(folder))
    if request.rubric:
        read_any(read_text(Path(request.rubric)), "", request.rubric)
    located = request.model_copy(
        update={
            "repositories": [str(Path(folder).resolve()) for folder in request.repositories],
            "gold": str(Path(request.gold).resolve()) if request.gold else "",
            "rubric": str(Path(request.rubric).resolve()) if request.rubric else "",
        }
    )
    return _record(source, supplements, output, context).model_copy(update={"evaluation": located})


def repair_record(
    repository: Path, source: Path | str | None, supplements: Sequence[Path | str], context: Context
) -> RunRecord:
    """Of a repair.  Raises `InputError` where the repository has uncommitted changes, or is none."""
    check_clean(repository)
    request = RepairRequest(repository=str(repository.resolve()), has_paper=source is not None)
    record = _record(source or repository, supplements, repository, context)
    return record.model_copy(update={"repair": request, **({} if source else {"source": ""})})


def _record(source: Path | str, supplements: Sequence[Path | str], output: Path, context: Context) -> RunRecord:
    return RunRecord(
        id=f"{_slug(source)}-{secrets.token_hex(2)}",
        status="running",
        stage=STAGES[0],
        source=_whole(source),
        supplements=[_whole(supplement) for supplement in supplements],
        output=str(output.resolve()),
        created=now(),
        updated=now(),
        context=context,
        paper_sha256=_sha256(source),
        versions=versions(),
    )


def _whole(source: Path | str) -> str:
    """A path from the root, so that a run can be resumed from anywhere; an address as it is."""
    if isinstance(source, Path) and not source.exists():
        raise InputError(f"There is no paper at {source}.", "Check the path.")
    return str(source.resolve()) if isinstance(source, Path) else source


def _slug(source: Path | str) -> str:
    name = source.stem if isinstance(source, Path) else address(source).stem
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()  # é is e: ids are typed
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:32] or "paper"


def _sha256(source: Path | str) -> str:
    """Of the paper's file; of a folder, or of what is still to be fetched, nothing."""
    if isinstance(source, str):
        return ""
    if not source.exists():
        raise InputError(f"There is no paper at {source}.", "Check the path.")
    return hashlib.sha256(source.read_bytes()).hexdigest() if source.is_file() else ""
