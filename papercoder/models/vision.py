"""Images in prompts: which models see them, and how many tokens they are.

Providers bill an image as tokens of input, each by a published rule of its own.  Where a model's rule is not known,
OpenAI's patches are assumed, and the estimate says so.
"""

import importlib
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from papercoder.models.requests import Image
from papercoder.models.tokens import count_tokens
from state.context import ROLES, Context
from state.errors import InputError

PATCHES = 1_536
"""The most that OpenAI makes of an image; a larger one is shrunk."""
FAMILIES = {
    "openai": ("langchain_openai", "ChatOpenAI"),
    "anthropic": ("langchain_anthropic", "ChatAnthropic"),
    "google": ("langchain_google_genai", "ChatGoogleGenerativeAI"),
    "mistral": ("langchain_mistralai", "ChatMistralAI"),
}


@dataclass(frozen=True)
class Rule:
    """How a provider counts an image of a width and height in pixels; `name` is what people are told."""

    name: str
    tokens: Callable[[int, int], int]


def _patches(factor: float) -> Rule:
    """OpenAI: 32-pixel patches, at most 1,536, times the model's factor."""

    def tokens(width: int, height: int) -> int:
        count = math.ceil(width / 32) * math.ceil(height / 32)
        return math.ceil(min(count, PATCHES) * factor)

    return Rule(f"32-pixel patches × {factor:g}, at most {PATCHES:,} patches", tokens)


def _tiles(base: int, tile: int) -> Rule:
    """OpenAI, detail high: into 2,048 pixels square, the shorter side to 768 at most, then tiles of 512 pixels."""

    def tokens(width: int, height: int) -> int:
        scale = min(1.0, 2048 / max(width, height))
        scale *= min(1.0, 768 / (min(width, height) * scale))
        return base + tile * math.ceil(width * scale / 512) * math.ceil(height * scale / 512)

    return Rule(f"{base:,} and {tile:,} a 512-pixel tile", tokens)


def _area(width: int, height: int) -> int:
    """Anthropic: a token for 750 pixels, once the longer side has at most 1,568."""
    scale = min(1.0, 1568 / max(width, height))
    return math.ceil(width * height * scale * scale / 750)


def _gemini(width: int, height: int) -> int:
    """Google: 258 for a small image, or for each tile of 768 pixels."""
    small = max(width, height) <= 384
    return 258 * (1 if small else math.ceil(width / 768) * math.ceil(height / 768))


def _pixtral(width: int, height: int) -> int:
    """Mistral: 16-pixel patches of at most 1,024 pixels square, and one token to end each row."""
    scale = min(1.0, 1024 / max(width, height))
    across, down = math.ceil(width * scale / 16), math.ceil(height * scale / 16)
    return (across + 1) * down


RULES: tuple[tuple[str, Rule], ...] = (
    (r"openai:gpt-5(\.\d+)?-nano|openai:gpt-4\.1-nano", _patches(2.46)),
    (r"openai:gpt-5(\.\d+)?-mini|openai:gpt-4\.1-mini", _patches(1.62)),
    (r"openai:o4-mini", _patches(1.72)),
    (r"openai:gpt-4o-mini", _tiles(2_833, 5_667)),
    (r"openai:(gpt-4o|gpt-4\.1|gpt-4\.5)", _tiles(85, 170)),
    (r"openai:gpt-5", _tiles(70, 140)),
    (r"openai:(o1|o3)(?!-mini)", _tiles(75, 150)),
    (r"anthropic:", Rule("width × height / 750, the longer side at most 1,568", _area)),
    (r"google:", Rule("258 a 768-pixel tile", _gemini)),
    (r"mistral:", Rule("16-pixel patches, the longer side at most 1,024", _pixtral)),
)
"""Beginnings of models' names, the more special first, with the rules that their providers publish."""
ASSUMED = _patches(1.0)


def rule_of(model: str) -> Rule | None:
    """The published rule of `provider:name`; None where none is known."""
    return next((rule for name, rule in RULES if re.match(name, model)), None)


def image_tokens(model: str, width: int, height: int) -> int:
    return (rule_of(model) or ASSUMED).tokens(width, height)


def shown_tokens(model: str, images: Iterable[Image]) -> int:
    """Of images with what is said before each."""
    return sum(image_tokens(model, image.width, image.height) + count_tokens(image.label) for image in images)


def refuse_blind(context: Context) -> None:
    """Raises `InputError`, before anything is paid for, where figures are to be shown to a model that sees none."""
    if not context.figures:
        return
    for model in sorted({context.model_for(role) for role in ROLES}):
        sees = context.vision if context.vision is not None else sees_images(model)
        if sees is None:
            raise InputError(
                f"Whether {model} sees images is not known here, and --figures needs a model that does.",
                "If it does, say so with --vision; else leave out --figures.",
            )
        if not sees:
            raise InputError(
                f"{model} does not see images, and --figures needs a model that does.",
                "Leave out --figures, or choose another model. If it does after all, say so with --vision.",
            )


@cache
def sees_images(model: str) -> bool | None:
    """What the table that the provider's package brings says; None where it does not know the model.

    A recording has seen what it has seen.
    """
    kind, _, name = model.partition(":")
    if kind == "replay":
        return True
    module, factory = FAMILIES.get(kind, ("", ""))
    try:
        chat = getattr(importlib.import_module(module), factory)(model=name, api_key="none") if module else None
    except ModuleNotFoundError:
        return None  # connecting says what to install
    profile = getattr(chat, "profile", None) or {}
    seen: bool | None = profile.get("image_inputs")
    return seen
