"""A paper from wherever it is: a path, an arXiv id, an https address; fetched once and kept."""

import hashlib
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from papercoder.documents import doubted, read_paper
from papercoder.documents.addresses import ARXIV_HOSTS, Address, address, is_address
from papercoder.documents.download import NotThere, Unreachable, download
from papercoder.documents.errors import DocumentError
from papercoder.documents.supplements import with_supplements
from state.paper import Paper

if TYPE_CHECKING:
    from papercoder.documents.album import Images, Shelf

ARXIV = "https://arxiv.org"
MIRROR_VARIABLE = "PAPERCODER_ARXIV"
FORMS = {"e-print": "LaTeX source", "html": "HTML", "pdf": "PDF"}
"""arXiv's paths, the form that keeps most first."""
SECONDS_BETWEEN = 3.0
"""What arXiv asks of programs."""
KEPT_SECONDS = 24 * 3600
"""How long what an address holds may have changed unnoticed; a version of an arXiv paper never does."""
VERSIONED = re.compile(r".*v\d+")

_last_request = 0.0


def read_sources(
    main: str, supplements: Sequence[str], cache: Path, *, served: bool = False, images: "Images | None" = None
) -> Paper:
    """A paper with what belongs to it in other files; the bytes of its images go into `images`, where that is given.

    `served`: for a client of a server, for whom nothing is fetched but from the public internet.
    """
    paper = doubted(read_source(main, cache, served=served, images=images))
    others = [(_short(name), read_source(name, cache, served=served, images=images)) for name in supplements]
    return with_supplements(paper, others)


def read_source(source: str, cache: Path, *, served: bool = False, images: "Images | None" = None) -> Paper:
    """The paper at a path or an address.  What is fetched is kept in `cache`, so that nobody fetches it twice."""
    path = Path(source)
    if not is_address(source) or (not served and path.exists()):
        return read_paper(path, images)
    named = address(source)
    return _read_arxiv(named.arxiv, cache, images) if named.arxiv else _read_url(named, cache, served, images)


def _short(source: str) -> str:
    return str(address(source)) if is_address(source) and not Path(source).exists() else Path(source).name


def _read_url(named: Address, cache: Path, served: bool, images: "Images | None") -> Paper:
    name = _file_name(f"{named.stem[:40]}-{_digest(named.url)}{named.suffix}")
    file = _kept(cache, name, lasting=False)
    if not file:
        hosts = frozenset({urlsplit(named.url).netloc.lower()})
        file = _keep(cache, name, download(named.url, hosts, public=served))
    return read_paper(file, images, _fetched(named.url, cache, served) if images is not None else None)


def _read_arxiv(paper_id: str, cache: Path, images: "Images | None") -> Paper:
    """The first form of an arXiv paper that can be read; what was wrong with those before it is a warning."""
    problems: list[str] = []
    for form, name in FORMS.items():
        try:
            file = _arxiv_file(paper_id, form, cache)
            fetch = _fetched(f"{_arxiv()}/html/{paper_id}/", cache, False) if form == "html" else None
            paper = read_paper(file, images, fetch)
        except Unreachable:
            raise
        except NotThere:
            problems.append(f"arXiv has no {name} of {paper_id}.")
        except DocumentError as error:
            problems.append(f"arXiv's {name} of {paper_id}: {error}")
        else:
            return paper.model_copy(update={"warnings": (*problems, *paper.warnings)})
    raise DocumentError(" ".join([f"arXiv:{paper_id} cannot be read.", *problems]))


def _fetched(page: str, cache: Path, served: bool) -> "Shelf":
    """Images at the place of a page that the user asked for, fetched once and kept, as the page is."""
    from papercoder.documents.shelves import online

    wait = _wait_our_turn if page.startswith(ARXIV) else lambda: None
    return _remembered(online(page, public=served, wait=wait), cache, page)


def _remembered(shelf: "Shelf", cache: Path, page: str) -> "Shelf":
    """What is on the shelf of a page, or was before."""

    def find(names: Sequence[str]) -> dict[str, bytes]:
        files = {name: _file_name(f"image-{_digest(f'{page} {name}')}") for name in names}
        known = {name: file for name in names if (file := _kept(cache, files[name], lasting=False))}
        found = {name: file.read_bytes() for name, file in known.items()}
        for name, content in shelf([name for name in names if name not in known]).items():
            found[name] = _keep(cache, files[name], content).read_bytes()
        return found

    return find


def _arxiv() -> str:
    return os.environ.get(MIRROR_VARIABLE, ARXIV).rstrip("/")


def _arxiv_file(paper_id: str, form: str, cache: Path) -> Path:
    base = _arxiv()
    name = _file_name(f"arxiv-{paper_id}-{form}" + ("" if base == ARXIV else f"-{_digest(base)}"))
    file = _kept(cache, name, lasting=bool(VERSIONED.fullmatch(paper_id)))
    if file:
        return file
    host = urlsplit(base).netloc.lower()
    if base == ARXIV:
        _wait_our_turn()
    return _keep(
        cache, name, download(f"{base}/{form}/{paper_id}", ARXIV_HOSTS if base == ARXIV else frozenset({host}))
    )


def _wait_our_turn() -> None:
    global _last_request
    time.sleep(max(0.0, _last_request + SECONDS_BETWEEN - time.monotonic()))
    _last_request = time.monotonic()


def _kept(cache: Path, name: str, *, lasting: bool) -> Path | None:
    file = cache / name
    if not file.is_file() or (not lasting and time.time() - file.stat().st_mtime > KEPT_SECONDS):
        return None
    return file


def _keep(cache: Path, name: str, content: bytes) -> Path:
    """Whole or not at all, whoever else is writing it."""
    cache.mkdir(parents=True, exist_ok=True)
    part = cache / f".{name}.{os.getpid()}"
    part.write_bytes(content)
    return part.replace(cache / name)


def _file_name(key: str) -> str:
    return re.sub(r"[^\w.-]+", "_", key)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
