"""What a judge has before it: the paper, the repositories, and prompts that begin alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from agents.context import Material, prefix
from agents.judge.packing import Packed
from papercoder.models.tokens import count_tokens
from prompts import render

TASK_TOKENS = 3_000
"""Set aside for what is asked, the form of the answer, and the words of a repair turn."""

Files = Mapping[str, str]


@dataclass(frozen=True)
class Bench:
    """`repositories`: one, or two to compare; path → text.  `gold`: the authors' own; empty without one."""

    material: Material
    repositories: tuple[Files, ...]
    gold: Files = field(default_factory=dict)

    @cached_property
    def system(self) -> str:
        return render("judge")

    @cached_property
    def paper(self) -> str:
        """The beginning of every prompt."""
        return prefix(self.material)

    @cached_property
    def room(self) -> int:
        """Tokens for code.  A repair turn quotes an answer, so there is room for one beside that of the next."""
        window = self.material.window
        answer = min(self.material.context.max_output_tokens, window // 4)
        taken = count_tokens(self.system) + count_tokens(self.paper) + TASK_TOKENS + answer
        return max(window - taken, 1_000)

    @property
    def trimmed(self) -> tuple[str, ...]:
        return self.material.shown_paper[1]


def shown(title: str, files: Packed) -> str:
    """One repository as prompts show it."""
    return render("repository", title=title, entries=files.entries, unseen=files.unseen)
