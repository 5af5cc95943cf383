"""What PostgreSQL and its driver say, as a cause and a next step."""

import re

import psycopg

from papercoder.storage.address import EXAMPLE, Address
from papercoder.storage.database import DatabaseAway
from state.errors import OutputError

_RESUME = "; then: papercoder resume"
_ADVICE: tuple[tuple[str, str], ...] = (
    (r"password|authentication|pg_hba|role .* does not exist", "Correct the user and password; the password may stand "
     "in the URL, in PGPASSWORD or in ~/.pgpass."),
    (r"database .* does not exist", "Make the database (createdb), or correct its name."),
    (r"translate host|resolve|getaddrinfo|not known", f"Correct the host: {EXAMPLE}."),
    (r"permission denied|must be owner", "Let the owner of the database grant it: GRANT CREATE ON DATABASE … TO …;"),
    (r"no space left|disk full|could not extend", "Make room on the server" + _RESUME),
    (r"too many|remaining connection slots", "Close other connections, or raise max_connections" + _RESUME),
    (r"read-only|recovery", "Name the primary server: this one only follows it" + _RESUME),
    (r"SSL|certificate", "See sslmode and sslrootcert in PostgreSQL's documentation of connection URLs."),
)  # fmt: skip
_UNREACHED = "Start the server, or correct the host and port" + _RESUME


def refused(address: Address, error: psycopg.Error) -> OutputError:
    """The server, or the way to it, is not as it must be."""
    said = _said(error)
    step = next((step for pattern, step in _ADVICE if re.search(pattern, said, re.IGNORECASE)), _UNREACHED)
    return OutputError(f"The {address.name} cannot be used: {said}.", step)


def away(address: Address, error: psycopg.Error, seconds: float) -> DatabaseAway:
    """The server was there, and is not any more."""
    return DatabaseAway(
        f"The {address.name} went away and did not come back within {seconds:g} s: {_said(error)}.",
        "What was paid for before is kept there. When the server is back: papercoder resume",
    )


def _said(error: psycopg.Error) -> str:
    """The server's own words, in one line.  The driver puts no password into them."""
    text = error.diag.message_primary or str(error).strip().partition("\n")[0]
    return re.sub(r"^.*(?:failed: )(?:FATAL: *)?", "", " ".join(text.split())).rstrip(".") or type(error).__name__
