"""Everything about the simulated provider that can be set."""

from dataclasses import dataclass, field
from typing import Any, Literal

Layout = Literal["flat", "nested"]
Reviewer = Literal["lenient", "strict"]
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Settings:
    """Times are simulated seconds; `scale` turns them into wall seconds."""

    files: int = 10
    layout: Layout = "flat"
    reviewer: Reviewer = "lenient"
    """strict: the first version of everything has something to mend, and it is said."""
    host: str = "127.0.0.1"
    port: int = 0
    scale: float = 0.02
    ttft_base: float = 0.5
    ttft_per_uncached_token: float = 1e-4
    decode_per_token: float = 0.01
    jitter: float = 0.0
    """Sigma of a log-normal factor on latency, seeded by the prompt: the same prompt gets the same factor."""
    reasoning_ratio: float = 0.0
    """Hidden reasoning tokens per visible output token, billed and timed."""
    cache: bool = True
    cache_min_tokens: int = 1024
    cache_step: int = 128
    cache_ttl: float = 600.0
    cache_visible: Literal["prefill", "arrival"] = "prefill"
    """When a prompt's blocks can be hit by others; real providers do it once the prefill is done."""
    max_concurrency: int = 0
    """Requests served at once; more wait their turn.  0: no limit."""
    rpm: float = 0
    """Requests per simulated minute, then 429.  0: no limit."""
    tpm: float = 0
    """Input tokens per simulated minute, then 429.  0: no limit."""
    context_limit: int = 200_000
    tokens_per_event: int = 16
    faults: list[dict[str, Any]] = field(default_factory=list)
    seed: int = 0
    log: str = ""
    prompts: str = ""
    """A folder that keeps the body of every request, for debugging."""
    models: list[str] = field(default_factory=lambda: ["o3-mini", "gpt-4o", "gpt-4.1-mini", "o4-mini"])
    stop_with_stdin: bool = False
    """Stop when standard input closes, so that the server dies with the process that started it."""

    def __post_init__(self) -> None:
        if self.host not in LOOPBACK:
            raise ValueError("the simulated provider binds to loopback only")
        if self.files < 5 or self.scale <= 0:
            raise ValueError("files must be at least 5 and scale above 0")
