"""The one error a caller of this package has to expect."""


class DocumentError(Exception):
    """A paper could not be read.  The message names the cause and what to do next."""
