"""Where traces go: read from the environment exactly as LangSmith itself reads it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

ENDPOINT = "https://api.smith.langchain.com"
SWITCHES = ("LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING", "LANGCHAIN_TRACING")
"""The first that is set decides."""


@dataclass(frozen=True)
class Destination:
    """`switch` is the variable that turned tracing on; without a key nothing is sent."""

    switch: str
    url: str
    project: str
    key: str = ""

    def __repr__(self) -> str:
        return f"Destination({self.url}, {self.project})"


def destination(environment: Mapping[str, str] = os.environ) -> Destination | None:
    """None where tracing is off: a key alone does not turn it on, nor does any other word than `true`."""
    switch = next((name for name in SWITCHES if environment.get(name, "").strip()), "")
    if environment.get(switch, "") != "true":
        return None
    return Destination(
        switch,
        url=_setting(environment, "ENDPOINT", ENDPOINT).rstrip("/"),
        project=_setting(environment, "PROJECT", _setting(environment, "SESSION", "default")),
        key=_setting(environment, "API_KEY", ""),
    )


def _setting(environment: Mapping[str, str], name: str, default: str) -> str:
    for prefix in ("LANGSMITH", "LANGCHAIN"):
        if value := environment.get(f"{prefix}_{name}", "").strip().strip("\"'"):
            return value
    return default


def papers_are_sent(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the user wants the paper's text in the traces, too."""
    return environment.get("PAPERCODER_TRACE_PAPERS", "").lower() in ("1", "true")
