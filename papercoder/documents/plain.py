"""Bytes of a text file to a string, whatever their encoding and line ends."""


def decode(data: bytes) -> str:
    """UTF-8 if it is valid, Latin-1 otherwise; line ends become ``\\n``."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
