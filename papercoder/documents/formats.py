"""Which format a file is in.  Its content decides; its name only where the content could be several."""

import re
import zipfile
from pathlib import Path
from typing import Literal

from papercoder.documents.archive import is_archive
from papercoder.documents.errors import DocumentError
from papercoder.documents.plain import decode, is_binary

Format = Literal[
    "PDF", "LaTeX", "HTML", "Markdown", "JSON", "TEI", "DOCX", "ODT", "RTF", "EPUB", "PPTX", "e-mail", "Outlook"
]  # fmt: skip

SUPPORTED = (
    "a PDF, LaTeX (a .tex file, a folder, a .zip or .tar.gz), HTML, Markdown, .docx, .odt, .rtf, .epub, .pptx, .eml, "
    ".msg, S2ORC .json, GROBID .tei.xml, an arXiv id or an https address"
)
SNIFFED_BYTES = 64_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BY_SUFFIX: dict[str, Format] = {
    ".tex": "LaTeX", ".ltx": "LaTeX", ".md": "Markdown", ".markdown": "Markdown", ".mmd": "Markdown",
    ".txt": "Markdown", ".json": "JSON", ".html": "HTML", ".htm": "HTML", ".xhtml": "HTML", ".eml": "e-mail",
}  # fmt: skip
SUFFIXES: dict[Format, tuple[str, ...]] = {
    "PDF": (".pdf",), "DOCX": (".docx", ".docm"), "ODT": (".odt",), "RTF": (".rtf",), "EPUB": (".epub",),
    "PPTX": (".pptx",), "Outlook": (".msg",), "TEI": (".xml", ".tei"),
    "LaTeX": (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz"),
}  # fmt: skip
TEXT_FORMATS: tuple[tuple[Format, re.Pattern[str]], ...] = (
    ("TEI", re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<TEI[\s>]", re.DOTALL)),
    ("HTML", re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)[\s>]",
                        re.DOTALL | re.IGNORECASE)),
    ("LaTeX", re.compile(r"^[^%\n`]{0,200}\\(?:document(?:class|style)|begin\s*\{document\})", re.MULTILINE)),
    ("JSON", re.compile(r"\s*\{\s*\"")),
    ("e-mail", re.compile(r"(?:[A-Z][\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,40}?(?:MIME-Version|Message-ID|Received):")),
)  # fmt: skip
OFFICE: dict[str, Format] = {"word/": "DOCX", "ppt/": "PPTX"}
MIMETYPES: dict[bytes, Format] = {
    b"application/vnd.oasis.opendocument.text": "ODT",
    b"application/epub+zip": "EPUB",
}  # fmt: skip
PICTURE = "Put the pages into one PDF (img2pdf), which OCR can read."
NOT_READ = {
    ".doc": "Save it as .docx.", ".ppt": "Save it as .pptx.", ".xls": "Save it as .html.", ".xlsx": "Save it as .html.",
    ".pages": "Export it as .docx.", ".ps": "Convert it with ps2pdf.", ".dvi": "Give the LaTeX source.",
    ".djvu": "Convert it to PDF.", ".bbl": "Give the .tex file that belongs to it.",
    ".bib": "Give the .tex file that belongs to it.", ".sty": "Give the .tex file that belongs to it.",
    ".png": PICTURE, ".jpg": PICTURE, ".jpeg": PICTURE, ".tif": PICTURE, ".tiff": PICTURE, ".webp": PICTURE,
    ".rst": "Convert it with pandoc -t markdown.", ".org": "Convert it with pandoc -t markdown.",
    ".ipynb": "Convert it with jupyter nbconvert --to markdown.", ".xml": "Of journals' XML, give the HTML or the PDF.",
     ".rar": "Unpack it and give the folder.", ".7z": "Unpack it and give the folder.",
}  # fmt: skip


def format_of(path: Path) -> tuple[Format, str]:
    """The format, and a sentence for the user where the file's name says another one."""
    if path.is_dir():
        return "LaTeX", ""
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
    found = _binary_format(path, head) or _text_format(path, head)
    suffix = path.suffix.lower()
    named = BY_SUFFIX.get(suffix) or next((name for name, all_ in SUFFIXES.items() if suffix in all_), None)
    if named in (None, found) or (named == "TEI" and found == "HTML"):
        return found, ""
    return found, f"{path.name} is named {suffix}, but what is in it is {found}: it was read as {found}."


def _binary_format(path: Path, head: bytes) -> Format | None:
    if b"%PDF-" in head[:1024]:
        return "PDF"
    if head.startswith(rb"{\rtf"):
        return "RTF"
    if head.startswith(OLE):
        return _ole(path, head)
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path)
    return "LaTeX" if is_archive(head) else None


def _ole(path: Path, head: bytes) -> Format:
    """Outlook's messages and the office formats of before 2007 share one container."""
    if path.suffix.lower() == ".msg" or "__substg1.0_".encode("utf-16-le") in head:
        return "Outlook"
    raise DocumentError(f"{path}: an office file of before 2007. Save it as .docx or .pptx, or print it to PDF.")


def _zipped(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            mimetype = archive.open("mimetype").read(80) if "mimetype" in names else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
        raise DocumentError(f"{path}: damaged ({error}). Download or copy it again.") from error
    if mimetype.strip() in MIMETYPES:
        return MIMETYPES[mimetype.strip()]
    if "[Content_Types].xml" in names:
        for folder, found in OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return found
        raise _unsupported(path, "this kind of office file is")
    return "LaTeX"


def _text_format(path: Path, head: bytes) -> Format:
    suffix = path.suffix.lower()
    if is_binary(head):
        raise _unsupported(path, "its content is neither text nor a known format, and that is")
    text = decode(head)
    by_name = BY_SUFFIX.get(suffix)
    if by_name in ("LaTeX", "Markdown", "JSON"):
        plain = TEXT_FORMATS[:2] if by_name != "Markdown" else ()
        return next((found for found, pattern in plain if pattern.match(text)), by_name)
    for found, pattern in TEXT_FORMATS:
        if (pattern.search if found == "LaTeX" else pattern.match)(text):
            return found
    if by_name:
        return by_name
    raise _unsupported(path, f"{suffix} files are" if suffix else "a file without suffix is")


def _unsupported(path: Path, what: str) -> DocumentError:
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        return DocumentError(f"{path}: named .pdf but not a PDF. Download the PDF itself.")
    if suffix in SUFFIXES["LaTeX"]:
        return DocumentError(f"{path}: named as an archive, but it is not gzip, zip, bzip2, xz or tar data. "
                             "Download the archive again.")  # fmt: skip
    return DocumentError(f"{path}: {what} not supported. {NOT_READ.get(suffix, f'Give {SUPPORTED}.')}")
