"""Tokens and the prefix cache: what is billed at which rate."""

import threading
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.simulator.prefix_cache import PrefixCache, digests
from benchmarks.simulator.process import Simulator
from benchmarks.simulator.settings import Settings
from benchmarks.simulator.tokens import TOKEN_BYTES, Tokenizer, segments
from papercoder.models.tokens import encode

Ask = Callable[..., httpx.Response]
TOKENS = Tokenizer()
TEXT = st.text(st.sampled_from("ab/ \n\t.é日<"), max_size=60).map(lambda piece: (piece + "word ") * 300)


@given(text=TEXT)
def test_encoding_in_segments_is_encoding_the_whole(text: str) -> None:
    assert "".join(segments(text)) == text
    whole = encode(text)
    assert list(memoryview(TOKENS.encode(text)).cast("I")) == whole


@given(text=TEXT, more=st.text(max_size=50))
def test_a_longer_text_keeps_all_but_the_last_tokens(text: str, more: str) -> None:
    short, long = TOKENS.encode(text), TOKENS.encode(text + "\nNext " + more)
    kept = len(short) - 64 * TOKEN_BYTES
    assert long[:kept] == short[:kept]


def test_cut_is_the_longest_beginning() -> None:
    text = "The quick brown fox. " * 50
    cut = TOKENS.cut(text, 100)
    assert TOKENS.count(cut) <= 100 < TOKENS.count(text[: len(cut) + 8])
    assert TOKENS.cut("short", 100) == "short"


def test_a_response_format_comes_before_the_messages() -> None:
    messages = [{"role": "user", "content": "word " * 2000}]
    formats = [{"type": "json_schema", "json_schema": {"name": name}} for name in ("plan", "logic")]
    first, second = (TOKENS.render({"messages": messages, "response_format": form}) for form in formats)
    assert digests("m", first, 128)[0] != digests("m", second, 128)[0]


def tokens(count: int, start: int = 0) -> bytes:
    return b"".join(number.to_bytes(TOKEN_BYTES, "little") for number in range(start, start + count))


def cached(cache: PrefixCache, prompt: bytes, now: float, model: str = "m") -> int:
    return cache.lookup(digests(model, prompt, 128), now)


@pytest.fixture
def cache() -> PrefixCache:
    filled = PrefixCache(Settings(cache_ttl=100))
    filled.insert(digests("m", tokens(2000), 128), visible=1.0)
    return filled


def test_hits_come_in_steps_of_128(cache: PrefixCache) -> None:
    assert cached(cache, tokens(2000), 2) == 15 * 128
    assert cached(cache, tokens(1500) + tokens(900, start=9000), 2) == 11 * 128


def test_hits_begin_at_1024_tokens(cache: PrefixCache) -> None:
    assert cached(cache, tokens(1023) + tokens(900, start=9000), 2) == 0
    assert cached(cache, tokens(1024) + tokens(900, start=9000), 2) == 1024


def test_a_block_is_visible_when_its_prefill_is_done(cache: PrefixCache) -> None:
    assert cached(cache, tokens(2000), 0.99) == 0
    assert cached(cache, tokens(2000), 1.0) == 15 * 128


def test_models_share_nothing(cache: PrefixCache) -> None:
    assert cached(cache, tokens(2000), 2, model="other") == 0


def test_blocks_expire_unless_they_are_used(cache: PrefixCache) -> None:
    assert cached(cache, tokens(2000), 100) == 15 * 128
    assert cached(cache, tokens(2000), 199) == 15 * 128
    assert cached(cache, tokens(2000), 300) == 0


def test_no_cache() -> None:
    off = PrefixCache(Settings(cache=False))
    off.insert(digests("m", tokens(2000), 128), visible=1.0)
    assert cached(off, tokens(2000), 2) == 0


def usage(response: httpx.Response) -> tuple[int, int]:
    counts = response.json()["usage"]
    return counts["prompt_tokens"], counts["prompt_tokens_details"]["cached_tokens"]


def test_a_second_request_is_cached_and_billed_so(simulator: Simulator, ask: Ask) -> None:
    total, first = usage(ask())
    assert (first, usage(ask())) == (0, (total, total // 128 * 128))
    other, hits = usage(ask("logic"))
    assert other - 128 < hits + 40
    assert hits % 128 == 0
    assert usage(ask(model="gpt-4o"))[1] == 0
    stats = simulator.stats()
    assert stats["calls"] == 4
    assert stats["repeated"] == 1
    assert stats["input_tokens"] == 3 * total + other


def test_requests_sent_together_all_miss(simulator: Simulator, ask: Ask) -> None:
    answers: list[tuple[int, int]] = []
    threads = [threading.Thread(target=lambda: answers.append(usage(ask(max_completion_tokens=1)))) for _ in range(3)]
    simulator.set_faults([{"kind": "slow", "factor": 100}])
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [hits for _, hits in answers] == [0, 0, 0]


def test_time_to_first_token_counts_uncached_tokens(simulator: Simulator, ask: Ask) -> None:
    ask(), ask()
    first, second = simulator.records()[-2:]
    assert first.sim_ttft == pytest.approx(0.5 + 1e-4 * first.input_tokens)
    assert second.sim_ttft == pytest.approx(0.5 + 1e-4 * (second.input_tokens - second.cached_tokens))
    assert second.sim_total == pytest.approx(second.sim_ttft + 0.01 * second.output_tokens)
