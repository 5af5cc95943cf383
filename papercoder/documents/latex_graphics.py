"""The image files that a LaTeX figure names."""

import re

INCLUDED = re.compile(
    r"\\includegraphics\*?\s*(?:\[[^\]]*\]\s*){0,2}\{([^{}]+)\}"
    r"|\\begin\s*\{overpic\}\s*(?:\[[^\]]*\]\s*)?\{([^{}]+)\}"
    r"|\\(?:epsfig|psfig)\s*\{[^{}]*?(?:file|figure)\s*=\s*([^,{}]+)"
)
FOLDERS = re.compile(r"\\graphicspath\s*\{((?:\s*\{[^{}]*\}\s*)+)\}")
FOLDER = re.compile(r"\{([^{}]*)\}")


def graphics_folders(text: str) -> list[str]:
    """Where ``\\graphicspath`` says that images are."""
    return [folder.strip() for match in FOLDERS.finditer(text) for folder in FOLDER.findall(match.group(1))]


def graphics(text: str) -> list[str]:
    """The images that a figure includes, in order."""
    names = ("".join(match.groups(default="")).strip().strip('"') for match in INCLUDED.finditer(text))
    return [name for name in names if name]
