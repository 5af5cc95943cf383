"""An image as the one page of a PDF, so that the library which draws PDFs decodes, flattens and shrinks it, too.

A PNG's pixels are packed as a PDF packs its own, so they are taken over as they are.  What is half transparent is
laid on white: to PDF, colours with opacity are inks, and the paper's colour is what a small function makes of them.
"""

from papercoder.documents.image_files import ImageFile, NotAnImage, png_chunks

ON_WHITE = {
    4: (b"{ dup 3 1 roll mul 1 add exch sub }", b"[/Y/A]", b"/DeviceGray", 2, 1),
    6: (
        b"{ 3 index 1 index mul 1 add 1 index sub 3 index 2 index mul 1 add 2 index sub "
        b"3 index 3 index mul 1 add 3 index sub 7 3 roll pop pop pop pop }",
        b"[/R/G/B/A]", b"/DeviceRGB", 4, 3,
    ),
}  # fmt: skip
"""Colour type of a PNG with opacity → the function, its inks, what it makes, channels in and out."""
ADOBE = b"Adobe\0"


def as_pdf(data: bytes, image: ImageFile) -> bytes:
    """The page, a point for each pixel.  Raises `NotAnImage` for what cannot be taken over."""
    if image.interlaced:
        raise NotAnImage("it is interlaced")
    content = b"q %d 0 0 %d 0 0 cm /I Do Q" % (image.width, image.height)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>"
    drawn = _png(data, image) if image.media_type == "image/png" else _jpeg(data, image)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page % (image.width, image.height),
        _stream(b"", content),
        *drawn,
    ]
    return _file(objects)


def _png(data: bytes, image: ImageFile) -> list[bytes]:
    chunks = list(png_chunks(data))
    pixels = b"".join(content for name, content in chunks if name == b"IDAT")
    palette = next((content for name, content in chunks if name == b"PLTE"), b"")
    function: list[bytes] = []
    if image.kind in ON_WHITE:
        code, inks, space, channels, made = ON_WHITE[image.kind]
        space = b"[/DeviceN%s%s 6 0 R]" % (inks, space)
        head = b"/FunctionType 4/Domain[%s]/Range[%s]" % (b"0 1 " * channels, b"0 1 " * made)
        function = [_stream(head, code)]
    elif image.kind == 3:
        channels, space = 1, b"[/Indexed/DeviceRGB %d<%s>]" % (max(len(palette) // 3 - 1, 0), palette.hex().encode())
    else:
        channels, space = (3, b"/DeviceRGB") if image.kind == 2 else (1, b"/DeviceGray")
    packing = b"/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors %d/BitsPerComponent %d/Columns %d>>"
    return [_image(image, space, packing % (channels, image.bits, image.width), pixels), *function]


def _jpeg(data: bytes, image: ImageFile) -> list[bytes]:
    space = {0: b"/DeviceGray", 2: b"/DeviceRGB", 4: b"/DeviceCMYK"}[image.kind]
    turned = b"/Decode[1 0 1 0 1 0 1 0]" if image.kind == 4 and ADOBE in data[:4096] else b""
    return [_image(image, space, b"/Filter/DCTDecode" + turned, data)]


def _image(image: ImageFile, space: bytes, packing: bytes, pixels: bytes) -> bytes:
    size = b"/Width %d/Height %d/BitsPerComponent %d" % (image.width, image.height, image.bits)
    return _stream(b"/Type/XObject/Subtype/Image%s/ColorSpace %s%s" % (size, space, packing), pixels)


def _stream(head: bytes, content: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (head, len(content), content)


def _file(objects: list[bytes]) -> bytes:
    made, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return bytes(made) + end % (len(objects) + 1, table, len(objects) + 1, len(made))
