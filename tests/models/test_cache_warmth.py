"""In a fan-out one request goes first, and the others follow its first token."""

import asyncio

import pytest

from papercoder.models.warmth import Warmth


class Fan:
    """Requests of one fan-out, and the order in which they left."""

    def __init__(self, patience: float = 5.0) -> None:
        self.warmth = Warmth(patience)
        self.left: list[str] = []
        self.leaders: list[str] = []

    async def send(self, name: str, prefixes: str = "p", *, fails: bool = False) -> None:
        async with self.warmth.turn(prefixes) as on_first_token:
            self.left.append(name)
            if on_first_token:
                self.leaders.append(name)
                await asyncio.sleep(0.02)
                if fails:
                    raise ConnectionError(name)
                on_first_token()
                await asyncio.sleep(0.02)


async def settled() -> None:
    await asyncio.sleep(0.005)


async def test_the_others_wait_for_the_leader_s_first_token() -> None:
    fan = Fan()
    tasks = [asyncio.create_task(fan.send(name)) for name in "abc"]
    await settled()
    assert fan.left == ["a"]
    await asyncio.sleep(0.025)
    assert fan.left == ["a", "b", "c"]
    assert not tasks[0].done()
    await asyncio.gather(*tasks)
    await fan.send("d")
    assert fan.leaders == ["a"]


async def test_each_prefix_has_a_leader_of_its_own() -> None:
    fan = Fan()
    await asyncio.gather(fan.send("a"), fan.send("b", "q"))
    assert sorted(fan.leaders) == ["a", "b"]


async def test_a_single_request_neither_leads_nor_waits() -> None:
    async with Warmth().turn([]) as on_first_token:
        assert on_first_token is None


async def test_a_longer_prefix_is_led_by_one_of_those_who_share_it() -> None:
    fan = Fan()
    await asyncio.gather(fan.send("a", "pq"), fan.send("b", "pq"), fan.send("c", "pr"), fan.send("d", "pr"))
    assert fan.left == ["a", "b", "c", "d"] or fan.left == ["a", "c", "b", "d"]
    assert fan.leaders == ["a", "c"]


async def test_when_the_leader_fails_one_of_the_others_leads() -> None:
    fan = Fan()
    tasks = [asyncio.create_task(fan.send("a", fails=True)), *(asyncio.create_task(fan.send(name)) for name in "bcd")]
    await asyncio.sleep(0.03)
    assert fan.left == ["a", "b"]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], ConnectionError)
    assert fan.leaders == ["a", "b"]
    assert sorted(fan.left) == ["a", "b", "c", "d"]


async def test_when_every_leader_fails_everyone_has_led_once() -> None:
    fan = Fan()
    results = await asyncio.gather(*(fan.send(name, fails=True) for name in "abc"), return_exceptions=True)
    assert all(isinstance(result, ConnectionError) for result in results)
    assert fan.leaders == ["a", "b", "c"]


async def test_nobody_waits_longer_than_their_patience() -> None:
    fan = Fan(patience=0.005)
    tasks = [asyncio.create_task(fan.send(name)) for name in "ab"]
    await asyncio.sleep(0.012)
    assert fan.left == ["a", "b"]
    assert fan.leaders == ["a"]
    await asyncio.gather(*tasks)


async def test_a_cancelled_leader_hands_over() -> None:
    fan = Fan()
    leader, follower = (asyncio.create_task(fan.send(name)) for name in "ab")
    await settled()
    leader.cancel()
    await follower
    assert fan.leaders == ["a", "b"]
    with pytest.raises(asyncio.CancelledError):
        await leader
