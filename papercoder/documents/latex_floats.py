"""A float's parts: its captions, which kind each announces, and what belongs to it."""

import re
from dataclasses import dataclass

from papercoder.documents.builder import FloatKind
from papercoder.documents.latex_math import LABEL
from papercoder.documents.latex_scan import Tex

NAMES: dict[FloatKind, str] = {
    "table": "table wraptable sidewaystable longtable SCtable xltabular longtblr margintable",
    "figure": "figure wrapfigure sidewaysfigure SCfigure teaserfigure marginfigure",
    "algorithm": "algorithm algorithm2e algo procedure",
}
KINDS: dict[str, FloatKind] = {name: kind for kind, names in NAMES.items() for name in names.split()}
CAPTION = re.compile(r"\\caption(of)?(\*?)(?![a-zA-Z])")
SUBFLOAT = re.compile(r"\\begin\s*\{(?:subtable|subfigure)\}")
SUBCAPTION = re.compile(r"\\(subcaption|subfloat|subfigure)(?![a-zA-Z])")
CONTENT = re.compile(r"\\begin\s*\{(?:tab|minipage|algorithmic|tikz)|\\includegraphics")
LABELS = re.compile(r"\s*\\label\s*\{[^{}]*\}")


@dataclass(frozen=True)
class Part:
    """One captioned piece of a float."""

    kind: FloatKind
    caption: str
    body: str
    numbered: bool
    labels: tuple[str, ...]


@dataclass(frozen=True)
class _Caption:
    start: int
    end: int
    text: str
    kind: FloatKind | None
    numbered: bool


def float_kind(environment: str) -> FloatKind | None:
    """What kind of float an environment is, if it is one."""
    return KINDS.get(environment.rstrip("*"))


def parts(environment: str, body: str) -> list[Part]:
    """A float's captioned pieces; usually one."""
    kind = float_kind(environment) or "figure"
    main, sub = _captions(Tex(body))
    if len(main) <= 1:
        return [_part(kind, body, main, sub)]
    return [_part(kind, piece, *_captions(Tex(piece))) for piece in _pieces(body, main)]


def _captions(tex: Tex) -> tuple[list[_Caption], list[_Caption]]:
    """A float's own captions, and those of its subfigures."""
    main: list[_Caption] = []
    sub = [_subcaption(tex, match) for match in SUBCAPTION.finditer(tex.text)]
    spans = iter([(match.start(), tex.environment(match.start())[0]) for match in SUBFLOAT.finditer(tex.text)])
    span = next(spans, None)
    for match in CAPTION.finditer(tex.text):
        while span and span[1] < match.start():
            span = next(spans, None)
        within = span is not None and span[0] < match.start()
        (sub if within else main).append(_caption(tex, match))
    return main, [caption for caption in sub if caption.text.strip()]


def _caption(tex: Tex, match: re.Match[str]) -> _Caption:
    at, kind = match.end(), None
    if match.group(1):
        name, at = tex.group(at)
        kind = KINDS.get(name)
    _, at = tex.option(at)
    text, end = tex.group(at)
    return _Caption(match.start(), end, text, kind, not match.group(2))


def _subcaption(tex: Tex, match: re.Match[str]) -> _Caption:
    option, at = tex.option(match.end())
    if match.group(1) == "subcaption":
        option, at = tex.group(at)
    return _Caption(match.start(), at, option or "", None, False)


def _pieces(body: str, captions: list[_Caption]) -> list[str]:
    """Cut a float with several captions before each, or after each where captions stand below."""
    content = CONTENT.search(body)
    above = content is None or captions[0].start < content.start()
    starts = [caption.start for caption in captions[1:]] if above else [_after(body, c) for c in captions[:-1]]
    cuts = [0, *starts]
    return [body[start:end] for start, end in zip(cuts, [*cuts[1:], len(body)], strict=True)]


def _after(body: str, caption: _Caption) -> int:
    label = LABELS.match(body, caption.end)
    return label.end() if label else caption.end


def _part(kind: FloatKind, body: str, main: list[_Caption], sub: list[_Caption]) -> Part:
    texts = [caption.text for caption in main]
    texts += [f"({chr(ord('a') + min(index, 25))}) {caption.text}" for index, caption in enumerate(sub)]
    kind = next((caption.kind for caption in main if caption.kind), kind)
    numbered = any(caption.numbered for caption in main)
    return Part(kind, " ".join(texts), _without(body, [*main, *sub]), numbered, tuple(LABEL.findall(body)))


def _without(body: str, captions: list[_Caption]) -> str:
    kept, at = [], 0
    for caption in sorted(captions, key=lambda caption: caption.start):
        if caption.start >= at:
            kept.append(body[at : caption.start])
            at = caption.end
    return "".join([*kept, body[at:]])
