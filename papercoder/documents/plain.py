"""Bytes of a text file to a string, whatever their encoding and line ends."""

import codecs

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
PROBED_BYTES = 2_000


def decode(data: bytes) -> str:
    """UTF-16 and UTF-32 where a mark or the zeros show it, else UTF-8, else Windows-1252; line ends become ``\\n``."""
    text = _decoded(data)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def is_binary(data: bytes) -> bool:
    """Whether this is no text in any encoding that `decode` knows."""
    if _wide(data):
        return False
    probe = data[:PROBED_BYTES]
    controls = sum(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in probe)
    return controls > len(probe) / 50


def _decoded(data: bytes) -> str:
    if encoding := _wide(data):
        return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _wide(data: bytes) -> str:
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            return encoding
    probe = data[:PROBED_BYTES]
    for encoding, zeros in (("utf-16-le", probe[1::2]), ("utf-16-be", probe[::2])):
        if zeros.count(0) > 0.8 * len(zeros) and probe.count(0) < 0.6 * len(probe):
            return encoding
    return ""
