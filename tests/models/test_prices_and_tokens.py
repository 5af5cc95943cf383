"""What a call costs and how much fits a window."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papercoder.models.prices import DEFAULT_WINDOW, dollars, find_price, find_window, price_of, window_of
from papercoder.models.tokens import count_tokens, cut_to_tokens, encode
from state.context import Context, Price
from state.ledger import Usage

PRICE = Price(input=1.0, cached=0.25, output=4.0)


@pytest.mark.parametrize("model", ["openai:no-such-model-9", "nobody:gpt-5-mini", "local:", ":", "", "x"])
def test_an_unknown_model_has_no_price_and_stops_nothing(model: str) -> None:
    assert find_price(model) is None
    assert find_window(model) is None


def test_a_known_model_has_a_price_and_a_window() -> None:
    assert find_price("openai:o3-mini") == Price(input=1.1, cached=0.55, output=4.4)
    assert (find_window("openai:gpt-5-mini") or 0) > 100_000


@pytest.mark.parametrize("model", ["google:gemini-2.5-pro", "anthropic:claude-sonnet-4-5"])
def test_a_price_that_rises_with_the_prompt_is_read_below_the_rise(model: str) -> None:
    price = find_price(model)
    assert price
    assert price.cached < price.input < price.output < 20


def test_what_the_user_says_of_price_and_window_counts() -> None:
    context = Context(model="openai:o3-mini", price=PRICE, context_window=9_000)
    assert price_of("openai:o3-mini", context) == PRICE
    assert window_of("openai:o3-mini", context) == 9_000
    assert window_of("nobody:x", Context()) == DEFAULT_WINDOW


def test_a_replay_costs_nothing() -> None:
    assert dollars(Usage(input=1_000, output=1_000), price_of("replay:/x", Context(price=PRICE))) == 0


def test_a_cost_is_the_sum_of_its_parts() -> None:
    usage = Usage(input=1_000_000, cached=400_000, output=500_000)
    assert dollars(usage, PRICE) == pytest.approx(0.6 * 1 + 0.4 * 0.25 + 0.5 * 4)
    assert dollars(usage, None) is None


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_cost_is_never_negative(fresh: int, cached: int, output: int) -> None:
    cost = dollars(Usage(input=fresh, cached=cached, output=output), PRICE)
    assert cost is not None
    assert cost >= 0


AWKWARD = (
    st.text()
    | st.text("🦄龘\U0001f9ff\u0e33 a\n")
    | st.lists(st.sampled_from(["line\n", "word ", "\n\n", "𝛼"])).map("".join)
)


@given(AWKWARD, st.integers(-3, 30))
def test_a_cut_text_is_a_beginning_that_fits(text: str, limit: int) -> None:
    cut = cut_to_tokens(text, limit)
    assert text.startswith(cut)
    assert count_tokens(cut) <= max(limit, 0)


def test_a_text_that_fits_is_not_cut() -> None:
    assert cut_to_tokens("two words", 2) == "two words"
    assert cut_to_tokens("", 0) == ""


def test_a_cut_is_at_a_line_s_end_where_one_is_near() -> None:
    text = "a few words on a line\n" * 200
    cut = cut_to_tokens(text, 100)
    assert cut.endswith("\n")
    assert count_tokens(cut) > 80
    assert cut_to_tokens("word " * 500, 100).count("word") == 100


def test_special_tokens_in_a_paper_are_counted_as_text() -> None:
    assert count_tokens("<|endoftext|>") > 1


def test_tokens_are_those_of_the_tokenizer_s_own_package() -> None:
    import bpe_openai

    text = "Ünïcode, 日本語 🎉, $\\frac{a}{b}$ and    spaces\n\n\tdef f(x): return x\n" * 50
    assert encode(text) == bpe_openai.get_encoding("o200k_base").encode_ordinary(text)


def test_a_paper_of_any_length_is_counted() -> None:
    text = "A book has many words. " * 100_000
    assert count_tokens(text) == pytest.approx(600_000, rel=0.01)
    assert count_tokens(cut_to_tokens(text, 250_000)) == pytest.approx(250_000, rel=0.01)


def test_half_a_surrogate_pair_is_counted() -> None:
    assert count_tokens("a\ud800b") == count_tokens("a\ufffdb")


def test_a_cut_never_splits_a_character() -> None:
    for limit in range(40):
        assert "\ufffd" not in cut_to_tokens("🎉🧑‍🔬日本語 ü" * 10, limit)
