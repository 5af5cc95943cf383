"""The command line.  Nothing here is imported before the command that needs it: `--help` answers at once."""

from papercoder.cli.app import main

__all__ = ["main"]
