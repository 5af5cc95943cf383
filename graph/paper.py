"""The paper that a graph's input names."""

from collections.abc import Sequence

from langgraph.runtime import Runtime

from agents.model import is_served
from graph.serving import located
from papercoder.documents import DocumentError
from papercoder.documents.album import Images
from papercoder.documents.received import read_text, read_upload
from papercoder.documents.sources import read_sources
from papercoder.storage.process import home_folder
from state.body import Body
from state.context import Context
from state.errors import InputError
from state.paper import Paper, ShownFigure
from state.pipeline import PaperInput, PaperSummary, Upload


def read_paper(state: PaperInput, runtime: Runtime[Context], images: Images | None = None) -> Paper:
    """The paper that the state's input names.  `InputError` where there is none, or it cannot be read."""
    try:
        if state.get("text"):
            return read_text(state["text"], images)
        if upload := state.get("upload"):
            received = Upload.model_validate(upload)
            return read_upload(received.name, received.base64, images)
        if state.get("source"):
            served = is_served(runtime)
            names = [located(runtime, name) for name in (state["source"], *(state.get("supplements") or []))]
            return read_sources(names[0], names[1:], home_folder() / "papers", served=served, images=images)
    except DocumentError as error:
        raise InputError(str(error)) from error
    raise InputError(
        "There is no paper.",
        "Give its text (Markdown or LaTeX) as `text`, the file as `upload`, or its path, arXiv id or address as "
        "`source`.",
    )


def summary_of(paper: Paper, body: Body, shown: Sequence[ShownFigure] = ()) -> PaperSummary:
    """What reading found."""
    kinds = [block.kind for block in paper.blocks()]
    return PaperSummary(
        title=paper.title,
        format=paper.format,
        body=body,
        sections=len(paper.sections),
        equations=kinds.count("equation"),
        tables=kinds.count("table"),
        algorithms=kinds.count("algorithm"),
        figures=kinds.count("figure"),
        references=len(paper.references),
        images=tuple(paper.images()),
        shown=tuple(shown),
        warnings=paper.warnings,
    )
