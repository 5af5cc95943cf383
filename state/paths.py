"""File names that a model proposes, and the one function that joins them to a folder.

A name from a model is hostile: it may be absolute, climb with ``..``, hide behind a backslash, name a Windows device
or reach into ``.git``.  ``check_name`` refuses it with a reason a model can act on; ``confine`` joins a checked name
to a folder and refuses a symbolic link on the way.
"""

import keyword
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator

MAX_NAME_BYTES = 240
_MAX_PART_BYTES = 100
_OWN_BYTES = 60  # what our own names add to a file's: analyses/….md, ….round-1.attempt-2.md
_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"}
_DEVICES |= {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
_PRIVATE = {".git", "git~1", ".papercoder"}  # git~1 is how an old Windows name reaches .git
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')


class UnsafePath(ValueError):
    """A file name that may not be written; the message says why and what to use instead."""


def check_name(name: str, *, extra: int = 0) -> str:
    """The name, if it is a plain relative path inside a repository; raises `UnsafePath` if not.

    `extra` is how many bytes longer than usual it may be.
    """
    if not name or name != name.strip():
        raise UnsafePath(f"the file name {name!r} is empty or begins or ends with white space")
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES + extra:
        raise UnsafePath(f"the file name {name[:60]!r}… is longer than {MAX_NAME_BYTES} bytes")
    if match := _FORBIDDEN.search(name):
        raise UnsafePath(
            f"the file name {name!r} contains {match.group()!r}: use letters, digits, '_', '-', '.' and '/'"
        )
    if any(unicodedata.category(character) in _INVISIBLE for character in name):
        raise UnsafePath(f"the file name {name!r} contains an invisible or invalid character")
    if name.startswith(("/", "~")):
        raise UnsafePath(f"the file name {name!r} is absolute: give it relative to the repository's root")
    for part in name.split("/"):
        _check_part(name, part, _MAX_PART_BYTES + extra)
    return name


def _check_part(name: str, part: str, most: int) -> None:
    plain = folded(part)
    if plain in ("", ".", "..") or "/" in plain or "\\" in plain:
        raise UnsafePath(
            f"the file name {name!r} must not contain empty parts, '.', '..' or what looks like a separator"
        )
    if part.endswith((".", " ")) or part.startswith(" "):
        raise UnsafePath(f"in the file name {name!r} the part {part!r} begins or ends with a space or ends with a dot")
    if len(part.encode()) > most:
        raise UnsafePath(f"in the file name {name!r} a part is longer than {_MAX_PART_BYTES} bytes")
    if plain.split(".")[0].rstrip() in _DEVICES:
        raise UnsafePath(f"in the file name {name!r} the part {part!r} is a device name on Windows")
    if plain in _PRIVATE:
        raise UnsafePath(f"the file name {name!r} reaches into {part!r}, which is not the repository's content")


def folded(name: str) -> str:
    """The name as a case-insensitive, Unicode-normalising file system sees it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


def check_distinct(names: Iterable[str]) -> None:
    """Refuses names that would collide on some file system, or a file that is another one's folder."""
    seen: dict[str, str] = {}
    for name in names:
        if other := seen.get(folded(name)):
            raise UnsafePath(f"{name!r} and {other!r} are the same file" + (" but for case" if name != other else ""))
        seen[folded(name)] = name
    for name in seen.values():
        for parent in PurePosixPath(name).parents:
            if other := seen.get(folded(str(parent))):
                raise UnsafePath(f"{other!r} cannot be a file and the folder of {name!r}")


def check_beside(names: Iterable[str], existing: Iterable[str]) -> None:
    """Refuses names that some existing file stands in the way of; one with exactly the same name is replaced by it."""
    files = {folded(name): name for name in existing}
    folders = {folded(str(parent)): name for name in files.values() for parent in PurePosixPath(name).parents}
    for name in names:
        above = [folded(str(parent)) for parent in PurePosixPath(name).parents]
        blocking = [files[parent] for parent in above if parent in files]
        if files.get(folded(name), name) != name:
            blocking.append(files[folded(name)])
        if folded(name) in folders:
            blocking.append(folders[folded(name)])
        if blocking:
            raise UnsafePath(f"{name!r} cannot be written beside {blocking[0]!r}: choose another name")


def confine(root: Path, name: str, *, private: bool = False) -> Path:
    """`root` / `name`, certain to lie inside `root`.  The only place that joins a foreign name to a folder.

    `private` allows our own names below `.papercoder/`; the rest of such a name is checked all the same.
    """
    check_name(name.removeprefix(".papercoder/") if private else name, extra=_OWN_BYTES)
    target = root.joinpath(*name.split("/"))
    for parent in (target, *target.parents):
        if parent == root:
            return target
        if parent.is_symlink():
            raise UnsafePath(f"{name!r} goes through the symbolic link {parent.relative_to(root)}")
    raise UnsafePath(f"{name!r} is not inside {root}")


RepositoryPath = Annotated[str, AfterValidator(check_name)]


def module_name(path: str) -> str | None:
    """`src/model.py` → `src.model`; None for what Python cannot import."""
    if not path.endswith(".py"):
        return None
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return ".".join(parts) if all(p.isidentifier() and not keyword.iskeyword(p) for p in parts) else None
