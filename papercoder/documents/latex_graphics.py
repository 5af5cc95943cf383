"""The image files that a LaTeX figure names."""

import re

INCLUDED = re.compile(
    r"\\includegraphics\*?\s*(?:\[[^\]]{0,400}\]\s*){0,2}\{([^{}]{1,400})\}"
    r"|\\begin\s*\{overpic\}\s*(?:\[[^\]]{0,400}\]\s*)?\{([^{}]{1,400})\}"
    r"|\\(?:epsfig|psfig)\s*\{[^{}]{0,400}?(?:file|figure)\s*=\s*([^,{}]{1,400})"
)
FOLDERS = re.compile(r"\\graphicspath\s*\{\s*((?:\{[^{}]{0,400}\}\s*)+)\}")
FOLDER = re.compile(r"\{([^{}]*)\}")


def graphics_folders(text: str) -> list[str]:
    """Where ``\\graphicspath`` says that images are."""
    return [folder.strip() for match in FOLDERS.finditer(text) for folder in FOLDER.findall(match.group(1))]


def graphics(text: str) -> list[str]:
    """The images that a figure includes, in order."""
    names = ("".join(match.groups(default="")).strip().strip('"') for match in INCLUDED.finditer(text))
    return [name for name in names if name]
