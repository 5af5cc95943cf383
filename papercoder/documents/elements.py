"""Slides and e-mails, through LangChain's loaders over `unstructured`: what has no reader of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from email import message_from_binary_file
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree

from papercoder.documents.archive import DAMAGED
from papercoder.documents.builder import PaperBuilder
from papercoder.documents.errors import DocumentError
from papercoder.documents.formats import Format, format_of
from papercoder.documents.html_inline import Inline
from papercoder.documents.html_tables import table_markdown
from papercoder.documents.html_tree import parse
from papercoder.documents.office_slides import unfold
from state.paper import Location, Paper

CHILD = "papercoder.documents.elements_child"
MAX_SECONDS = 180
NEEDED: dict[Format, tuple[str, ...]] = {
    "PPTX": ("unstructured", "langchain_community", "pptx"),
    "e-mail": ("unstructured", "langchain_community"),
    "Outlook": ("unstructured", "langchain_community"),
}
PACKAGES = {"unstructured": "unstructured", "langchain_community": "langchain-community", "pptx": "python-pptx"}
SUFFIXES: dict[Format, str] = {"PPTX": ".pptx", "e-mail": ".eml", "Outlook": ".msg"}
LEFT_OUT = {"Header", "Footer", "PageBreak", "PageNumber", "Image"}
LONGEST_HEADING = 120

Element = dict[str, Any]


def read_elements(path: Path) -> Paper:
    """Read a .pptx, .eml or .msg file."""
    found = format_of(path)[0]
    missing = [PACKAGES[name] for name in NEEDED[found] if find_spec(name) is None]
    if missing:
        raise DocumentError(f"{path}: {found} files need packages that are not installed. "
                            f"Install them: pip install {' '.join(missing)}")  # fmt: skip
    elements = _elements(found, path)
    attached = _attached(path) if found == "e-mail" else []
    if not elements:
        next_step = f"Save {attached[0]} and give that." if attached else "Print it to PDF and give that."
        raise DocumentError(f"{path}: no text was found in it. {next_step}")
    reader = _Reader(PaperBuilder(SUFFIXES[found][1:]), path.name)
    reader.builder.warn(f"Formulas and hidden text of {found} files cannot be told from other text: look it through.")
    for element in elements:
        reader.add(element)
    if attached:
        reader.builder.warn(f"Attached to it and not read: {', '.join(attached)}. Save the paper and give that.")
    reader.builder.title = str(elements[0].get("subject") or reader.builder.title or path.stem)
    return reader.builder.build()


def _copied(found: Format, path: Path, copy: Path) -> None:
    """A copy by the suffix that the loaders go by, where we go by the content."""
    if found != "PPTX":
        shutil.copyfile(path, copy)
        return
    try:
        unfold(path, copy)
    except (*DAMAGED, etree.XMLSyntaxError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise DocumentError(f"{path}: damaged ({error}). Save it again in its program.") from error


def _attached(path: Path) -> list[str]:
    """The names of the files that come with an e-mail."""
    with path.open("rb") as file:
        message = message_from_binary_file(file)
    return [name for part in message.walk() if (name := part.get_filename())]


def _elements(found: Format, path: Path) -> list[Element]:
    """What the child process finds."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="papercoder-") as folder:
        copy = Path(folder) / f"paper{SUFFIXES[found]}"
        _copied(found, path, copy)
        command = [sys.executable, "-P", "-m", CHILD, found, str(copy)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=MAX_SECONDS, check=False, env=environment)
        except subprocess.TimeoutExpired as error:
            raise DocumentError(f"{path}: not read within {MAX_SECONDS} s. Print it to PDF and give that.") from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        cause = lines[-1][:300] if lines else "its process was stopped"
        raise DocumentError(f"{path}: cannot be read ({cause}). Print it to PDF and give that.")
    elements: list[Element] = json.loads(done.stdout)
    return elements


class _Reader:
    def __init__(self, builder: PaperBuilder, file: str) -> None:
        self.builder = builder
        self._file = file

    def add(self, element: Element) -> None:
        kind, text = element.get("category", ""), str(element.get("text", "")).replace("\v", "\n")  # a line's end
        location = Location(file=self._file, page=element.get("page_number"))
        if kind in LEFT_OUT:
            return
        if kind == "Title" and not element.get("category_depth") and _is_heading(text):
            self.builder.title = self.builder.title or text
            self.builder.section(text)
        elif kind == "Table":
            self.builder.float("table", _table(str(element.get("text_as_html", ""))) or text, "", location=location)
        elif kind == "ListItem":
            self.builder.paragraph(f"- {text}", location)
        else:
            self.builder.paragraph(text, location)


def _is_heading(text: str) -> bool:
    return len(text) <= LONGEST_HEADING and not text.rstrip().endswith((".", ",", ";"))


def _table(html: str) -> str:
    if not html:
        return ""
    tables = parse(html.encode(), "table").iter("table")
    return "\n\n".join(table_markdown(table, Inline().text) for table in tables)
