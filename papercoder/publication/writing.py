"""A folder appears whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from state.errors import OutputError
from state.paths import confine

MARK = ".papercoder/run.json"
"""Written into every repository; says which run made it."""


def check_output(output: Path, *, overwrite: bool) -> None:
    """Refuses, before a run is paid for, an output folder that publication would refuse after it."""
    _check_free(output, overwrite)
    above = next(folder for folder in output.absolute().parents if os.path.lexists(folder))
    try:
        Path(tempfile.mkdtemp(prefix=".papercoder-", dir=above)).rmdir()  # nothing less says that it can be written to
    except OSError as error:
        raise OutputError(
            f"The repository cannot be written to {output}: {above}: {error.strerror or error}.",
            "Choose another folder with --output.",
        ) from error


def _check_free(output: Path, overwrite: bool) -> None:
    if output.is_symlink() or (output.exists() and not output.is_dir()):
        raise OutputError(f"{output} exists and is not a folder.", "Choose another with --output.")
    if is_there(output) and not overwrite:
        raise OutputError(
            f"The output folder {output} exists and is not empty.",
            "Choose another with --output, or replace it with --force.",
        )


@contextmanager
def replace_folder(output: Path, files: Mapping[str, str], *, run: str, overwrite: bool) -> Iterator[Path | None]:
    """Writes `files` beside `output`, yields that folder for the finishing touches, then puts it in place.

    Yields None where `output` already holds exactly these files: a run that was killed after publishing resumes here.
    """
    output = output.absolute()  # "." has no name to put a folder beside
    if _holds(output, files):
        shutil.rmtree(_aside(output, run), ignore_errors=True)  # the kill may have come before this was done
        yield None
        return
    _check_free(output, overwrite)
    partial = output.with_name(f".{output.name}.{run}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        for path, text in files.items():
            write_file(confine(partial, path, private=True), text)
        yield partial
        _put_in_place(partial, output, run)
    except OSError as error:
        raise OutputError(
            f"The repository cannot be written to {output}: {error.strerror or error}.",
            "Make room or choose another folder, then: papercoder resume",
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_file(target: Path, text: str) -> None:
    """The text as it is, in a folder that is made where there is none; scripts can be run."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    if target.suffix == ".sh":
        target.chmod(0o755)


def _put_in_place(partial: Path, output: Path, run: str) -> None:
    old = _aside(output, run)
    if output.exists():
        shutil.rmtree(old, ignore_errors=True)
        output.replace(old)
    try:
        partial.replace(output)
    except OSError:
        if old.exists():
            old.replace(output)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _aside(output: Path, run: str) -> Path:
    """Where a folder that is being replaced waits until the new one is in place."""
    return output.with_name(f".{output.name}.{run}.old")


def is_there(output: Path) -> bool:
    """Something is in the folder."""
    return output.is_dir() and any(output.iterdir())


def _holds(output: Path, files: Mapping[str, str]) -> bool:
    if not (output / MARK).is_file():
        return False
    present = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    present = {path for path in present if not path.startswith(".git/")}
    return present == set(files) and all((output / path).read_bytes() == text.encode() for path, text in files.items())
