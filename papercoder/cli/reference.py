"""`docs/cli.md`: the help of every command, as Markdown.  `make docs` writes it, a test keeps it current."""

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


if __name__ == "__main__":
    click.echo(reference(), nl=False)
