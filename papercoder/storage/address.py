"""Where a PostgreSQL database is: a URL that may hold a password, and a name for people that never does."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from state.errors import InputError

SCHEMES = ("postgresql", "postgres")
EXAMPLE = "postgresql://USER@HOST:5432/DATABASE"

_HARMLESS = ("host", "port", "dbname", "user", "sslmode")
"""Options of a URL that may be shown."""


@dataclass(frozen=True)
class Address:
    url: str = field(repr=False)
    place: str
    """Host and port, or the folder of the server's socket."""
    database: str

    @property
    def name(self) -> str:
        """For messages."""
        return f"PostgreSQL database {self.database or '(the default)'} on {self.place or 'this machine'}"


def read_address(url: str) -> Address:
    """Raises `InputError`, which does not repeat the URL: what is wrong with it may be its password."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in SCHEMES:
        named = f"begins with {scheme}://" if separator and scheme.isidentifier() else "is no URL of a database"
        raise InputError(
            f"What --database or PAPERCODER_DATABASE says {named}; only PostgreSQL can be named there.",
            f"Write it as {EXAMPLE}, or leave it out: runs are then kept in the home folder, in SQLite.",
        )
    before = rest.partition("@")[0] if "@" in rest else ""
    if rest.count("@") > 1 or "/" in before:  # the driver would take a part of the password for the host, and say it
        raise unreadable("holds characters in its user or password that mean something else in a URL")
    try:
        parts = urlsplit(url)
        options = parse_qs(parts.query)
    except ValueError:
        raise unreadable("cannot be read") from None
    host = unquote(parts.netloc.rpartition("@")[2]) or ",".join(options.get("host", []))
    return Address(url, host, unquote(parts.path.removeprefix("/")) or "".join(options.get("dbname", [])))


def masked(url: str) -> str:
    """The URL for people: what may hold a secret is left out."""
    try:
        parts = urlsplit(read_address(url).url)
    except InputError:
        return "URL"
    user, at, place = parts.netloc.rpartition("@")
    options = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name in _HARMLESS])
    return f"{parts.scheme}://{user.partition(':')[0]}{at}{place}{parts.path}{'?' if options else ''}{options}"


def unreadable(why: str) -> InputError:
    return InputError(
        f"The URL of the database {why}.",
        f"Write it as {EXAMPLE}, special characters percent-encoded (@ as %40, / as %2F); the password may stand in "
        "PGPASSWORD or ~/.pgpass instead.",
    )
