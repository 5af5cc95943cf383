"""What the documentation takes from the program: `docs/cli.md`, and the drawing in `docs/studio.md`.

`make docs` writes both, a test keeps them current.
"""

import re
import sys
from pathlib import Path

import click

from papercoder.cli.app import group

HEAD = "# The command line\n\nWhat `papercoder --help` and `papercoder COMMAND --help` say.\n"
WIDTH = 100


def reference() -> str:
    """Markdown with one section a command."""
    with _context(group, "papercoder") as context:
        parts = [HEAD, _section("papercoder", group.get_help(context))]
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command
            with _context(command, name, context) as own:
                parts.append(_section(f"papercoder {name}", command.get_help(own)))
    return "\n".join(parts)


def _context(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    settings = {**command.context_settings, "max_content_width": WIDTH, "terminal_width": WIDTH}
    return click.Context(command, info_name=name, parent=parent, **settings)


def _section(title: str, text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return f"## {title}\n\n```\n{lines}\n```\n"


def with_drawing(text: str) -> str:
    """The text with the pipeline in its block of Mermaid."""
    from graph.pipeline import build

    drawing = f"```mermaid\n{build().get_graph(xray=True).draw_mermaid().rstrip()}\n```"
    return re.sub(r"```mermaid\n.*?```", lambda _: drawing, text, flags=re.DOTALL)


def renew(folder: Path) -> None:
    """Write both documents."""
    (folder / "cli.md").write_text(reference(), encoding="utf-8")
    studio = folder / "studio.md"
    studio.write_text(with_drawing(studio.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    renew(Path(sys.argv[1]))
