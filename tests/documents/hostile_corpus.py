"""Files that try to do harm, built by the tests: nothing dangerous is kept in the repository."""

import gzip
import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

SECRET = "SECRET-OUTSIDE"
LATEX = r"\documentclass{article}\begin{document}Safe words. %s\end{document}"
PAGE = "<html><body><h1>T</h1><p>" + "Safe words. " * 40 + "</p>%s</body></html>"
BILLION = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))

Build = Callable[[Path], bytes]


def tex(body: str) -> Build:
    return lambda folder: (LATEX % body).encode()


def page(body: str) -> Build:
    return lambda folder: (PAGE % body).encode()


def just(content: bytes) -> Build:
    return lambda folder: content


def reaching(command: str) -> Build:
    """LaTeX that names a file outside its folder: absolute, and from above."""
    return lambda folder: (LATEX % (rf"\{command}{{{folder.parent}/secret.txt}} \{command}{{../secret.txt}}")).encode()


def tar(*members: tuple[str, bytes | str], kind: bytes = tarfile.REGTYPE) -> Build:
    """A .tar.gz with a paper and these members; the text of a link or device is its target."""

    def build(folder: Path) -> bytes:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
            for name, content in [("main.tex", (LATEX % r"\input{link} \input{evil}").encode()), *members]:
                member = tarfile.TarInfo(name)
                if isinstance(content, str):
                    member.type, member.linkname = kind, content
                    archive.addfile(member)
                else:
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
        return packed.getvalue()

    return build


def many(count: int) -> Build:
    return tar(*[(f"part{number}", b"") for number in range(count)])


def zipped(*members: tuple[str, bytes], paper: bool = True) -> Build:
    def build(folder: Path) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, content in [*([("main.tex", (LATEX % "").encode())] if paper else []), *members]:
                archive.writestr(name, content)
        return packed.getvalue()

    return build


def zip_link(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.tex", LATEX % r"\input{link}")
        link = zipfile.ZipInfo("link.tex")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, f"{folder.parent}/secret.txt")
    return packed.getvalue()


def overlapping(folder: Path) -> bytes:
    """Many names for the same compressed bytes, as in Fifield's zip bomb."""
    name, data = b"main.tex", zipped(paper=True)(folder)
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entries = b"".join(data[start:end].replace(name, b"mai%d.tex" % number) for number in range(10))
    return data[:start] + entries + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 10, 10, len(entries), start, 0)


def lying(folder: Path) -> bytes:
    """A member whose header says 100 bytes and that unpacks to 30 million."""
    data = bytearray(zipped(("evil.tex", bytes(30_000_000)), paper=True)(folder))
    size = struct.pack("<L", 30_000_000)
    return bytes(data.replace(size, struct.pack("<L", 100)))


def encrypted(folder: Path) -> bytes:
    data = bytearray(zipped()(folder))
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + at] |= 1
    return bytes(data)


def json_of(body: object) -> Build:
    return just(json.dumps({"title": "T", "pdf_parse": {"body_text": body}}).encode())


HTML_ENTITIES = f'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa">{BILLION}]>' + PAGE % "<p>&j;</p>"
TEI_ENTITIES = f'<?xml version="1.0"?><!DOCTYPE TEI [<!ENTITY a "aaaaaaaaaa">{BILLION}]><TEI><p>&j;</p></TEI>'
TEI_FILE = '<?xml version="1.0"?><!DOCTYPE TEI [<!ENTITY e SYSTEM "file:///etc/passwd">]><TEI><p>&e;</p></TEI>'

REFUSED: dict[str, tuple[str, Build, str]] = {
    "many members in a tar": ("p.tar.gz", many(20_500), "more than 20,000 files"),
    "many members in a zip": ("p.zip", zipped(*[(f"x{n}", b"") for n in range(20_500)]), "more than 20,000 files"),
    "a large file in a tar": ("p.tar.gz", tar(("evil.tex", bytes(30_000_000))), "unpacks to more than"),
    "a large file in a zip": ("p.zip", zipped(("evil.tex", bytes(30_000_000))), "unpacks to more than"),
    "large files together": ("p.zip", zipped(*[(f"{n}.tex", bytes(16_000_000)) for n in range(5)]), "unpacks to more"),
    "gzip of zeros": ("p.gz", just(gzip.compress(bytes(200_000_000), compresslevel=9)), "unpacks to more than"),
    "zip in zip": ("p.zip", zipped(("inner.zip", b"PK\x03\x04"), paper=False), "inner.zip.*unpack that one"),
    "overlapping members": ("p.zip", overlapping, "overlap"),
    "a member that lies about its size": ("p.zip", lying, "damaged|unpacks"),
    "a packed pdf": ("p.gz", just(gzip.compress(b"%PDF-1.4 ...")), "compressed PDF. Unpack it"),
    "packed postscript": ("p.gz", just(gzip.compress(b"%!PS-Adobe-3.0")), "ps2pdf"),
    "an encrypted zip": ("p.zip", encrypted, "damaged.*encrypted"),
    "an archive cut short": ("p.tar.gz", lambda folder: tar()(folder)[:-30], "damaged"),
    "nothing but a comment": (
        "p.tex",
        just((LATEX % "").replace("Safe words.", "\\label{a}").encode()),
        "no text was found",
    ),
    "nested json": ("p.json", just(b'{"a":' * 100_000), "not valid JSON"),
    "a number of many digits": ("p.json", just(b'{"title": ' + b"9" * 100_000 + b"}"), "not valid JSON"),
    "nested html": ("p.html", page("<div>" * 100_000), "nested"),
    "entities in tei": ("p.xml", just(TEI_ENTITIES.encode()), "not supported"),
    "a file through tei": ("p.xml", just(TEI_FILE.encode()), "not supported"),
    "binary rubbish named .tex": ("p.tex", just(bytes(range(256)) * 50), "neither text"),
    "binary rubbish named .md": ("p.md", just(bytes(range(256)) * 50), "neither text"),
    "nothing": ("p.tex", just(b""), "empty"),
    "a picture named .pdf": ("p.pdf", just(b"\x89PNG\r\n\x1a\n" + bytes(100)), "not a PDF"),
    "a file that includes itself": ("p.tex", tex(r"\input{p}"), "includes itself"),
    "an old office file": ("p.doc", just(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), "Save it as .docx"),
    "a zip that is no document": ("p.docx", zipped(("a.txt", b"x"), paper=False), "no .tex file"),
}
"""What is refused: file name, content, and what the message says."""

CONTAINED: dict[str, tuple[str, Build, str]] = {
    "a path out of a tar": ("p.tar.gz", tar(("../evil.tex", b"EVIL")), "leads out"),
    "an absolute path in a tar": ("p.tar.gz", tar(("/evil.tex", b"EVIL")), "leads out"),
    "a symbolic link in a tar": ("p.tar.gz", tar(("link.tex", "/etc/passwd"), kind=tarfile.SYMTYPE), "a link"),
    "a hard link in a tar": ("p.tar.gz", tar(("link.tex", "main.tex"), kind=tarfile.LNKTYPE), "a link"),
    "a device in a tar": ("p.tar.gz", tar(("link.tex", ""), kind=tarfile.CHRTYPE), "device"),
    "a pipe in a tar": ("p.tar.gz", tar(("link.tex", ""), kind=tarfile.FIFOTYPE), "device"),
    "a path out of a zip": ("p.zip", zipped(("../evil.tex", b"EVIL")), "leads out"),
    "a Windows path in a zip": ("p.zip", zipped(("C:\\evil.tex", b"EVIL")), "leads out"),
    "a link in a zip": ("p.zip", zip_link, "is a link"),
    r"\input outside": ("p.tex", reaching("input"), "leads out"),
    r"\include outside": ("p.tex", reaching("include"), "leads out"),
    r"\lstinputlisting outside": ("p.tex", reaching("lstinputlisting"), ""),
    r"\verbatiminput outside": ("p.tex", reaching("verbatiminput"), ""),
    r"\input of a command": ("p.tex", tex(r"\input{|cat /etc/passwd}"), "leads out"),
    "macros that call each other": ("p.tex", tex(r"\def\a{x\b}\def\b{y\a}\a"), "expand without end"),
    "deep braces": ("p.tex", tex("{" * 200_000 + "x" + "}" * 200_000), ""),
    "deep formulas": ("p.tex", tex("$" + r"\frac{" * 50_000 + "$"), ""),
    "deep environments": ("p.tex", tex(r"\begin{itemize}\item " * 20_000), ""),
    "scripts": ("p.html", page(f"<script>{SECRET}</script><style>{SECRET}</style>"), ""),
    "entities in html": ("p.html", just(HTML_ENTITIES.encode()), ""),
    "a table of endless spans": ("p.html", page('<table><tr><td colspan="99999999" rowspan="99999999">x</table>'), ""),
    "odd json": ("p.json", json_of([{"text": "Safe words.", "eq_spans": [{"start": -5, "end": 10**9}]}]), ""),
    "html named .tex": ("p.tex", page(""), "is named .tex, but what is in it is HTML"),
    "latex named .pdf": ("p.pdf", tex(""), "is named .pdf, but what is in it is LaTeX"),
    "a zip named .pdf": ("p.pdf", zipped(), "is named .pdf, but what is in it is LaTeX"),
    "latex named .html": ("p.html", tex(""), "is named .html, but what is in it is LaTeX"),
    "utf-16": ("p.tex", just((LATEX % "é").encode("utf-16")), ""),
    "utf-16 without a mark": ("p.tex", just((LATEX % "é").encode("utf-16-le")), ""),
    "latin-1": ("p.tex", just((LATEX % "é").encode("latin-1")), ""),
    "a byte order mark": ("p.tex", just((LATEX % "é").encode("utf-8-sig")), ""),
    "zero bytes in the text": ("p.tex", just((LATEX % "a\0b").encode()), ""),
    "a form feed and bells": ("p.tex", just((LATEX % "\f\a\x1b[31m").encode()), ""),
}
"""What is read without harm: file name, content, and what a warning says."""
