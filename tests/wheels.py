"""The packages that a test run needs, as wheels in a folder: no test needs the network."""

import zipfile
from importlib.metadata import distribution
from pathlib import Path

PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")


def repacked(name: str, folder: Path) -> None:
    """An installed pure-Python package as the wheel that it came from."""
    found = distribution(name)
    assert found.files
    with zipfile.ZipFile(folder / f"{name}-{found.version}-py3-none-any.whl", "w") as wheel:
        for file in found.files:
            if (
                not file.parts[0].startswith("..")
                and file.suffix != ".pyc"
                and file.name not in ("RECORD", "INSTALLER")
            ):
                wheel.write(str(file.locate()), str(file))
        wheel.writestr(f"{name}-{found.version}.dist-info/RECORD", "")


def shelf_of_pytest(folder: Path) -> Path:
    for name in PYTEST:
        repacked(name, folder)
    return folder


def index(shelf: Path) -> dict[str, str]:
    """The environment variables that make it the only place where packages come from."""
    return {"UV_DEFAULT_INDEX": f"file://{shelf}", "UV_FIND_LINKS": str(shelf)}
