"""Text files of a repository that somebody gave us: read, or passed over, and never followed."""

from pathlib import Path

from state.errors import InputError
from state.paths import UnsafePath, check_name


def is_plain(path: str) -> bool:
    """Whether a path is one that a repository of ours could have."""
    try:
        check_name(path)
    except UnsafePath:
        return False
    return True


def text_of(path: Path, most_bytes: int, owner: str = "") -> str | None:
    """The file's text; None for a link, for what is no text, and for more bytes than that.

    Raises `InputError`, which says whose file it is if `owner` does.
    """
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > most_bytes:
            return None
        text = path.read_bytes().decode("utf-8")  # as bytes: its line ends stay as they are
    except UnicodeDecodeError:
        return None
    except OSError as error:
        raise InputError(f"{path}{owner} cannot be read: {error.strerror}.", "Make it readable.") from error
    return None if "\0" in text else text
