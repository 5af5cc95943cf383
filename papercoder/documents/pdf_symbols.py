"""Signs of TeX's extension font, which PDFs name by their place in it: brackets, sums, roots."""

BRACKETS = "()[]⌊⌋⌈⌉{}⟨⟩"
OPERATORS = "∮∮⊙⊙⊕⊕⊗⊗∑∏∫⋃⋂⊎⋀⋁∑∏∫⋃⋂⊎⋀⋁∐∐"
PIECES = "⎛⎞⎡⎤⎣⎦⎢⎥⎧⎫⎩⎭⎨⎬⎪"
EXTENSION = (
    dict(enumerate(BRACKETS + "|∥/\\"))
    | dict(enumerate("()" + BRACKETS + "/\\", start=0x10))
    | dict(enumerate(BRACKETS + "/\\", start=0x20))
    | dict(enumerate(PIECES, start=0x30))
    | dict(enumerate("⎝⎠⎜⎟⟨⟩", start=0x40))
    | dict(enumerate(OPERATORS, start=0x48))
    | dict(enumerate("^^^~~~[]⌊⌋⌈⌉{}√√√√√|", start=0x62))
)
MERGED = str.maketrans({"⎛": "(", "⎞": ")", "⎡": "[", "⎤": "]", "⎧": "{", "⎫": "}"} | dict.fromkeys("⎣⎦⎢⎥⎩⎭⎨⎬⎪⎝⎠⎜⎟"))
WITH_LIMITS = frozenset("∑∏∐⋃⋂⊎⋀⋁⊙⊕⊗")


def is_extension(font: str) -> bool:
    """Whether a font is TeX's extension font, in any size."""
    return any(mark in font for mark in ("cmex", "lmex", "mathextension"))


def extension_sign(code: int) -> str:
    """The sign at a place of the extension font; a bracket's upper end stands for all its pieces."""
    return EXTENSION.get(code, "").translate(MERGED)
