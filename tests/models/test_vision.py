"""Which models see images, and how many tokens an image is by its provider's published rule."""

import pytest

from papercoder.models.requests import Image
from papercoder.models.vision import image_tokens, refuse_blind, rule_of, sees_images, shown_tokens
from state.context import Context
from state.errors import InputError


@pytest.mark.parametrize(
    ("model", "width", "height", "tokens"),
    [
        ("openai:gpt-4o", 1024, 1024, 765),
        ("openai:gpt-4o", 2048, 4096, 1105),
        ("openai:gpt-4.1", 1024, 1024, 765),
        ("openai:gpt-5", 512, 512, 210),
        ("openai:gpt-4o-mini", 1024, 1024, 2833 + 4 * 5667),
        ("openai:gpt-4.1-mini", 1024, 1024, 1659),
        ("openai:gpt-4.1-nano-2025-04-14", 32, 33, 5),
        ("openai:o4-mini", 4000, 4000, 2642),
        ("anthropic:claude-sonnet-4-5", 1000, 1000, 1334),
        ("anthropic:claude-sonnet-4-5", 1568, 784, 1640),
        ("google:gemini-2.5-flash", 384, 384, 258),
        ("google:gemini-2.5-flash", 1024, 768, 516),
        ("mistral:pixtral-large-latest", 1024, 1024, 64 * 65),
        ("somebody:unheard-of", 1024, 512, 512),
    ],
)
def test_an_image_is_counted_by_its_providers_rule(model: str, width: int, height: int, tokens: int) -> None:
    assert image_tokens(model, width, height) == tokens


def test_the_tokens_of_a_prompt_count_what_stands_before_each_image() -> None:
    image = Image("[F1] of the paper below:", "a" * 64, "image/png", 64, 64, "")
    assert 4 < shown_tokens("x:y", [image]) <= 4 + 12


def test_a_model_without_a_known_rule_is_told_apart() -> None:
    assert rule_of("somebody:unheard-of") is None
    assert rule_of("openai:o3-mini") is None
    assert rule_of("openai:o3")


def test_the_table_knows_who_sees() -> None:
    assert sees_images("openai:gpt-5-mini") is True
    assert sees_images("openai:o3-mini") is False
    assert sees_images("openai:nobody-knows") is None
    assert sees_images("nobody:x") is None
    assert sees_images("replay:folder") is True


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ({"model": "openai:gpt-5-mini"}, ""),
        ({"model": "openai:o3-mini"}, "does not see"),
        ({"model": "openai:gpt-5-mini", "models": {"coder": "openai:o3-mini"}}, "openai:o3-mini does not see"),
        ({"model": "openai:mine"}, "not known"),
        ({"model": "openai:mine", "vision": True}, ""),
        ({"model": "openai:gpt-5-mini", "vision": False}, "does not see"),
        ({"model": "openai:o3-mini", "figures": False}, ""),
    ],
)
def test_figures_need_models_that_see(settings: dict[str, object], refused: str) -> None:
    context = Context.model_validate({"figures": True} | settings)
    if not refused:
        refuse_blind(context)
        return
    with pytest.raises(InputError, match=refused):
        refuse_blind(context)
