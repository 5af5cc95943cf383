"""A server fetches from the public internet only, and from the address that it has looked at."""

import socket
from collections.abc import Iterator

import pytest

from papercoder.addresses import Pinned, is_public, public_address
from state.errors import InputError

PUBLIC = ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
NOT_PUBLIC = [
    "127.0.0.1", "127.255.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1",
    "169.254.169.254", "192.0.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.5", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "fec0::1",
    "2001:db8::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:0a00:0001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "nonsense", "",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_public_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_of_this_machine_and_its_network(address: str) -> None:
    assert not is_public(address)


def test_the_address_that_was_looked_at_is_the_one_to_connect_to() -> None:
    """A name server that answers differently the second time is not asked a second time."""
    answers: Iterator[list[str]] = iter([["93.184.215.14", "2606:4700::1111"], ["127.0.0.1"]])
    pinned = public_address("https://papers.example.org/a.pdf", lambda host, port: next(answers))
    assert pinned == Pinned("https", "papers.example.org", 443, "93.184.215.14")
    with pytest.raises(InputError, match="not in the public internet"):
        public_address("https://papers.example.org/a.pdf", lambda host, port: next(answers))


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(InputError, match="not in the public internet"):
        public_address("http://mixed.example.org/", lambda host, port: ["1.1.1.1", "10.0.0.1"])
    with pytest.raises(InputError):
        public_address("http://nowhere.example.org/", lambda host, port: [])


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "localhost", "[::1]",
     "[::ffff:127.0.0.1]", "0", "LOCALHOST"],
)  # fmt: skip
def test_a_server_on_this_machine_is_not_reached_by_any_spelling(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(InputError):
            public_address(f"http://{host}:{port}/secret")
        server.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody came
            server.accept()


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://1.1.1.1/", "gopher://1.1.1.1/", "//1.1.1.1/", "1.1.1.1", "http://", "",
     "http://user@1.1.1.1/", "http://1.1.1.1:99999/", "http://1.1.1.1\\@127.0.0.1/", "http://1.1.1.1 /", "http://[::1",
     "http://1.1.1.1\n/"],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused_before_anything_is_looked_up(url: str) -> None:
    with pytest.raises(InputError) as refusal:
        public_address(url, lambda host, port: pytest.fail("looked up"))
    assert refusal.value.next_step


def test_a_host_that_does_not_exist_is_said_to_be_that() -> None:
    with pytest.raises(InputError, match="cannot be resolved"):
        public_address("http://no-such-host.invalid/")
