"""Papers by address: a real server on the loopback stands in for arXiv."""

import gzip
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from papercoder.addresses import Pinned
from papercoder.documents import DocumentError, download, sources
from papercoder.documents.addresses import Address, address, is_address
from papercoder.documents.sources import read_source, read_sources
from tests.images import png

LATEX = (
    rb"\documentclass{article}\title{From Source}\begin{document}" b"\n\\section{A}\n\nWords of it.\n\\end{document}"
)
PAGE = b"<html><body><h1>From HTML</h1><h2>1 A</h2><p>" + b"Words of a page. " * 30 + b"</p></body></html>"
SOURCE, HTML = "/e-print/2401.00001v1", "/html/2401.00001v1"

Answer = tuple[int, dict[str, str], bytes]


class Site:
    """What the stand-in answers, by path, and what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, Answer | list[Answer]] = {}
        self.asked: list[str] = []
        self.hosts: list[str] = []


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.hosts.append(self.headers["Host"])
            answer = site.answers.get(self.path, (404, {}, b"no"))
            status, headers, body = answer.pop(0) if isinstance(answer, list) else answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("PAPERCODER_ARXIV", site.url)
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2401.01234v2", "2401.01234v2"),
        ("arXiv:2401.01234", "2401.01234"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("math.GT/0309136v1", "math.GT/0309136v1"),
        ("https://arxiv.org/abs/2401.01234v2", "2401.01234v2"),
        ("https://arxiv.org/pdf/2401.01234v2.pdf", "2401.01234v2"),
        ("https://export.arxiv.org/abs/hep-th/9901001", "hep-th/9901001"),
        ("https://ar5iv.labs.arxiv.org/html/2401.01234", "2401.01234"),
    ],
)
def test_every_way_to_name_an_arxiv_paper_is_its_id(text: str, expected: str) -> None:
    assert address(text) == Address(arxiv=expected)


@pytest.mark.parametrize("text", ["paper.pdf", "./2401/paper.tex", "folder/1234567", "C:\\paper.pdf"])
def test_paths_are_no_addresses(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://example.org/p.pdf",
        "ftp://example.org/p",
        "file:///etc/passwd",
        "https://me:pw@example.org/p",
        "https://[/p",
    ],
)
def test_addresses_that_are_not_safe_are_refused_without_their_password(text: str) -> None:
    with pytest.raises(DocumentError) as refused:
        address(text)
    assert ":pw@" not in str(refused.value)


def test_the_source_comes_first_and_is_fetched_once(arxiv: Site, tmp_path: Path) -> None:
    arxiv.answers[SOURCE] = (200, {"Content-Encoding": "x-gzip"}, gzip.compress(LATEX))
    for _ in range(2):
        assert read_source("arXiv:2401.00001v1", tmp_path / "papers").title == "From Source"
    assert arxiv.asked == [SOURCE]


def test_without_a_source_the_page_is_read_and_the_paper_says_so(arxiv: Site, tmp_path: Path) -> None:
    arxiv.answers[HTML] = (200, {}, PAGE)
    paper = read_source("2401.00001v1", tmp_path)
    assert (paper.title, paper.warnings) == ("From HTML", ("arXiv has no LaTeX source of 2401.00001v1.",))


def test_a_fetched_page_brings_the_images_at_its_own_place(arxiv: Site, tmp_path: Path) -> None:
    names = ("x1.png", "/elsewhere/x2.png", "https://example.org/x3.png", "http://127.0.0.1:9/x4.png", "gone.png")
    images = "".join(f'<img src="{name}">' for name in names)
    page = PAGE.replace(b"</body>", f"<figure>{images}<figcaption>Figure 1: It.</figcaption></figure></body>".encode())
    arxiv.answers |= {HTML: (200, {}, page), f"{HTML}/x1.png": (200, {}, png(9, 9, (1, 2, 3)))}
    arxiv.answers["/elsewhere/x2.png"] = (302, {"Location": "https://example.org/x2.png"}, b"")
    for _ in range(2):
        found: dict[str, bytes] = {}
        paper = read_source("2401.00001v1", tmp_path, images=found)
        assert list(found.values()) == [png(9, 9, (1, 2, 3))]
        assert any("x3.png, http" in warning for warning in paper.warnings)
    assert arxiv.asked.count(f"{HTML}/x1.png") == 1


def test_without_images_wanted_none_is_fetched(arxiv: Site, tmp_path: Path) -> None:
    arxiv.answers[HTML] = (
        200,
        {},
        PAGE.replace(b"</body>", b'<figure><img src="x1.png">Figure 1: It.</figure></body>'),
    )
    read_source("2401.00001v1", tmp_path)
    assert not [path for path in arxiv.asked if path.endswith(".png")]


def test_a_source_that_cannot_be_read_gives_way_to_the_next_form(arxiv: Site, tmp_path: Path) -> None:
    arxiv.answers[SOURCE] = (200, {}, gzip.compress(b"%auto-ignore\nThis paper has been withdrawn."))
    arxiv.answers[HTML] = (200, {}, PAGE)
    paper = read_source("2401.00001v1", tmp_path)
    assert paper.title == "From HTML"
    assert "documentclass" in paper.warnings[0]


def test_a_paper_that_is_nowhere_names_everything_that_was_tried(arxiv: Site, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"no LaTeX source.*no HTML.*no PDF"):
        read_source("2401.00001v1", tmp_path)
    assert arxiv.asked == [SOURCE, HTML, "/pdf/2401.00001v1"]


def test_a_busy_server_is_asked_again_when_it_says(arxiv: Site, tmp_path: Path) -> None:
    arxiv.answers[SOURCE] = [(503, {"Retry-After": "0"}, b""), (429, {"Retry-After": "0"}, b""), (200, {}, LATEX)]
    assert read_source("2401.00001v1", tmp_path).title == "From Source"
    assert len(arxiv.asked) == 3


def test_a_server_that_stays_busy_ends_it_and_no_other_form_is_asked_for(arxiv: Site, tmp_path: Path) -> None:
    arxiv.answers[SOURCE] = (503, {"Retry-After": "0"}, b"")
    with pytest.raises(DocumentError, match="busy"):
        read_source("2401.00001v1", tmp_path)
    assert set(arxiv.asked) == {SOURCE}


def test_redirects_stay_on_the_site(arxiv: Site, tmp_path: Path) -> None:
    arxiv.answers[SOURCE] = (302, {"Location": "/src/2401.00001v1"}, b"")
    arxiv.answers["/src/2401.00001v1"] = (200, {}, LATEX)
    assert read_source("2401.00001v1", tmp_path).title == "From Source"


@pytest.mark.parametrize(
    "target", ["http://localhost:9/x", "https://example.org/x", "file:///etc/passwd", "//example.org/x"]
)
def test_redirects_elsewhere_are_refused(arxiv: Site, target: str) -> None:
    arxiv.answers["/x"] = (302, {"Location": target}, b"")
    with pytest.raises(DocumentError, match="another site"):
        download.download(f"{arxiv.url}/x", frozenset({arxiv.url.removeprefix("http://")}))


def test_for_a_server_s_client_nothing_inside_is_asked(arxiv: Site, tmp_path: Path) -> None:
    arxiv.answers["/x"] = (200, {}, PAGE)
    host = arxiv.url.removeprefix("http://")
    with pytest.raises(DocumentError, match="not in the public internet"):
        download.download(f"{arxiv.url}/x", frozenset({host}), public=True)
    with pytest.raises(DocumentError, match="not in the public internet"):
        read_source(f"https://{host}/x", tmp_path, served=True)
    assert arxiv.asked == []


def test_for_a_server_s_client_each_connection_goes_to_the_address_that_was_looked_at(
    arxiv: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(arxiv.url.rpartition(":")[2])
    looked_at = []

    def public_address(url: str) -> Pinned:
        looked_at.append(url)
        return Pinned("http", "papers.example", port, "127.0.0.1")

    monkeypatch.setattr(download, "public_address", public_address)
    host = f"papers.example:{port}"
    arxiv.answers["/x"] = (302, {"Location": "/y"}, b"")
    arxiv.answers["/y"] = (200, {}, PAGE)
    assert download.download(f"http://{host}/x", frozenset({host}), public=True) == PAGE
    assert looked_at == [f"http://{host}/x", f"http://{host}/y"]
    assert arxiv.hosts == [host, host]


def test_redirects_in_a_circle_end(arxiv: Site) -> None:
    arxiv.answers["/x"] = (302, {"Location": "/x"}, b"")
    with pytest.raises(DocumentError, match="redirected more than"):
        download.download(f"{arxiv.url}/x", frozenset({arxiv.url.removeprefix("http://")}))


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_an_answer_without_end_is_refused(
    arxiv: Site, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(download, "MAX_BYTES", 100_000)
    body = bytes(1_000_000)
    arxiv.answers["/x"] = (200, headers, gzip.compress(body) if headers else body)
    with pytest.raises(DocumentError, match="more than 100,000 bytes"):
        download.download(f"{arxiv.url}/x", frozenset())


def test_a_server_that_is_not_there_is_named_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERCODER_ARXIV", "http://127.0.0.1:1")
    with pytest.raises(DocumentError, match="download it and give the file"):
        read_source("2401.00001v1", tmp_path)


def test_what_may_have_changed_is_fetched_again_after_a_day(arxiv: Site, tmp_path: Path) -> None:
    arxiv.answers["/e-print/2401.00001"] = (200, {}, LATEX)
    read_source("2401.00001", tmp_path)
    read_source("2401.00001", tmp_path)
    assert len(arxiv.asked) == 1
    for file in tmp_path.iterdir():
        os.utime(file, (0, 0))
    read_source("2401.00001", tmp_path)
    assert len(arxiv.asked) == 2


def test_arxiv_itself_is_asked_every_three_seconds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(sources.time, "sleep", waited.append)
    sources._wait_our_turn()
    sources._wait_our_turn()
    assert 2 < waited[-1] <= 3


def test_a_file_with_an_id_s_name_is_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("2401.00001").write_bytes(LATEX)
    assert read_source("2401.00001", tmp_path).title == "From Source"


def test_supplements_have_anchors_of_their_own_and_keep_their_files(tmp_path: Path) -> None:
    main, more = tmp_path / "main.tex", tmp_path / "more.md"
    main.write_bytes(LATEX)
    more.write_text("# More\n\n## 1 Proofs\n\nIt holds.\n\n$$x = 1$$ (1)\n\n## References\n\n[1] K. Title.\n")
    paper = read_sources(str(main), [str(more), str(main)], tmp_path)
    assert (paper.title, paper.format) == ("From Source", "latex")
    assert [section.id for section in paper.sections] == ["S1", "X1", "X1.S1", "X2", "X2.S1"]
    labels = paper.labels()
    assert (labels["X1"], labels["X1.S1.p1"], labels["X1.E1"]) == ("Supplement 1", "Suppl. 1 §1 ¶1", "Suppl. 1 Eq. 1")
    assert labels["X1.B1"] == "[X1:1]"
    assert len(labels) == len(set(labels))
    assert {block.id: block.location.file for block in paper.blocks()} == {
        "S1.p1": "main.tex", "X1.S1.p1": "more.md", "X1.E1": "more.md", "X2.S1.p1": "main.tex",
    }  # fmt: skip
    assert "## Supplement 1: More [X1]\n\n### 1 Proofs [X1.S1]" in paper.markdown()
