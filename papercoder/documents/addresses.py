"""Papers named by an address rather than a path: an arXiv id, or https."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from papercoder.documents.errors import DocumentError

ARCHIVES = """
acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas cond-mat cs dg-ga funct-an
gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph q-alg q-bio
quant-ph solv-int stat supr-con
"""
"""Where ids of before April 2007 come from, as in ``hep-th/9901001``."""
ID = rf"(?:\d{{4}}\.\d{{4,5}}|(?:{'|'.join(ARCHIVES.split())})(?:\.[A-Z]{{2}})?/\d{{7}})(?:v\d{{1,3}})?"
ARXIV_ID = re.compile(rf"(?:arxiv:\s*)?({ID})", re.IGNORECASE)
ARXIV_PATH = re.compile(rf"/(?:abs|pdf|html|src|e-print|format)/({ID})(?:\.pdf|/)?", re.IGNORECASE)
ARXIV_HOSTS = frozenset({"arxiv.org", "www.arxiv.org", "export.arxiv.org"})
MIRRORS = frozenset({"ar5iv.org", "ar5iv.labs.arxiv.org", "alphaxiv.org", "www.alphaxiv.org"})
"""Other sites whose addresses carry an arXiv id."""


@dataclass(frozen=True)
class Address:
    """An arXiv id, or the https address of a file or page."""

    arxiv: str = ""
    url: str = ""

    def __str__(self) -> str:
        return f"arXiv:{self.arxiv}" if self.arxiv else self.url

    @property
    def suffix(self) -> str:
        """The suffix that an address ends with, which tells Markdown from plain text; often empty."""
        return PurePosixPath(urlsplit(self.url).path).suffix[:12]

    @property
    def stem(self) -> str:
        """A short name for the paper."""
        return self.arxiv or PurePosixPath(urlsplit(self.url).path).stem or "paper"


def is_address(text: str) -> bool:
    """Whether a text names a paper by its address.  A file of the same name goes before: ask for that first."""
    return "://" in text or bool(ARXIV_ID.fullmatch(text.strip()))


def address(text: str) -> Address:
    """The address that a text names.  DocumentError where it cannot be fetched safely."""
    text = text.strip()
    if match := ARXIV_ID.fullmatch(text):
        return Address(arxiv=match.group(1))
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower()
    except ValueError as error:
        raise DocumentError(f"{text}: not an address ({error}). Give an arXiv id or an https address.") from error
    match = ARXIV_PATH.fullmatch(parts.path) if host in ARXIV_HOSTS | MIRRORS else None
    if match:
        return Address(arxiv=match.group(1))
    if parts.scheme != "https" or not host:
        raise DocumentError(f"{text}: only https addresses are fetched. Download the paper and give the file.")
    if parts.username or parts.password:
        raise DocumentError("An address with a password in it would be kept with the run. Download the paper.")
    return Address(url=parts._replace(fragment="").geturl())
