"""Where a paper's images lie: a folder, an archive, or the place that its page came from; and nowhere else."""

import posixpath
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from papercoder.documents.album import Shelf
from papercoder.documents.archive import MAX_FILE_BYTES, MAX_KEPT_BYTES, unpack
from papercoder.documents.download import download
from papercoder.documents.errors import DocumentError
from state.paths import UnsafePath, confine

SUFFIXES = (".pdf", ".png", ".jpg", ".jpeg")
"""What LaTeX adds to a name that has none, in its order."""
PACKED = (*SUFFIXES, *(suffix.upper() for suffix in SUFFIXES))
MAX_FETCHED = 30
MAX_SECONDS = 90.0
"""After which no further image is asked for."""


def beside(root: Path, folders: Iterable[str] = ("",)) -> Shelf:
    """Files below a folder; names are looked up in these folders of it."""
    places = tuple(folders)

    def find(names: Sequence[str]) -> dict[str, bytes]:
        found = {}
        for name in names:
            file = next((one for one in _files(root, name, places) if one.is_file()), None)
            if file and file.stat().st_size <= MAX_FILE_BYTES:
                found[name] = file.read_bytes()
        return found

    return find


def packed(archive: Path, folders: Iterable[str] = ("",)) -> Shelf:
    """Members of an archive, which is opened once."""
    places = tuple(folders)

    def find(names: Sequence[str]) -> dict[str, bytes]:
        members = unpack(archive, PACKED, sparing=True).files
        return {
            name: members[inside]
            for name in names
            if (inside := next((one for one in _candidates(name, places) if one in members), None))
        }

    return find


def online(page: str, *, public: bool, wait: Callable[[], None]) -> Shelf:
    """What lies at the same host as a page that was asked for by its address; before each image `wait` is called."""
    home = urlsplit(page)

    def find(names: Sequence[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        until = time.monotonic() + MAX_SECONDS
        for name in names[:MAX_FETCHED]:
            url = urljoin(page, name)
            there = urlsplit(url)
            if (there.scheme, there.netloc.lower()) != (home.scheme, home.netloc.lower()):
                continue
            if time.monotonic() > until or sum(map(len, found.values())) > MAX_KEPT_BYTES:
                break
            wait()
            try:
                found[name] = download(url, frozenset({home.netloc.lower()}), public=public)
            except DocumentError:
                continue  # one that cannot be had is missing, which the album says
        return found

    return find


def _files(root: Path, name: str, folders: Sequence[str]) -> Iterator[Path]:
    for candidate in _candidates(name, folders):
        try:
            yield confine(root, candidate)
        except UnsafePath:
            continue  # it leads out of the paper's folder, so for us it is not there


def _candidates(name: str, folders: Sequence[str]) -> Iterator[str]:
    """Names inside the folder or archive that may be meant."""
    if "://" in name or name.startswith(("/", "~")):
        return
    for plain in dict.fromkeys((name, unquote(name))):
        for folder in folders:
            inside = posixpath.normpath(posixpath.join(folder, plain))
            if not inside.startswith(("/", "..")):
                yield from (inside + suffix for suffix in ("", *SUFFIXES))
