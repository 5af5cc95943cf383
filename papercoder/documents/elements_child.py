"""Run as a process of its own: LangChain's loaders over `unstructured` on one file; its elements as JSON on stdout.

Its own process because `unstructured` pings home when imported, downloads a language model on first use, takes seconds
to import and trusts its input: here the first two are turned off and memory is bounded.
"""

import json
import os
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

MAX_BYTES = 4 << 30
QUIET = ("DO_NOT_TRACK", "SCARF_NO_ANALYTICS", "UNSTRUCTURED_DISABLE_NOTICE")
LOADERS = {
    "PPTX": "UnstructuredPowerPointLoader",
    "e-mail": "UnstructuredEmailLoader",
    "Outlook": "UnstructuredEmailLoader",
}
KEPT = ("category", "category_depth", "page_number", "text_as_html", "subject", "sent_from")


def main(format_name: str, path: Path) -> None:
    """Write the elements of a file."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    os.environ.update(dict.fromkeys(QUIET, "1"))
    _without_downloads()
    warnings.simplefilter("ignore")  # langchain-community announces its sunset on every import
    from langchain_community import document_loaders

    loader = getattr(document_loaders, LOADERS[format_name])(str(path), mode="elements")
    found = [_record(document.page_content, document.metadata) for document in loader.load()]
    sys.stdout.write(json.dumps(found))


def _record(text: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return {"text": text, **{name: metadata[name] for name in KEPT if name in metadata}}


def _without_downloads() -> None:
    """A pipeline that only finds ends of sentences, in place of the language model that would be downloaded."""
    import spacy
    from unstructured.nlp import tokenize

    def blank() -> Any:
        pipeline = spacy.blank("en")
        pipeline.add_pipe("sentencizer")
        return pipeline

    tokenize._load_spacy_model = blank


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
