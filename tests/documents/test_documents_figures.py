"""Figures come with their images: drawn from a PDF's page, taken from beside a source, or out of an archive."""

import base64
import io
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from papercoder.documents import drawing, read_paper
from papercoder.documents import pandoc as pandoc_process
from papercoder.documents.album import MAX_SIDE, Images
from papercoder.documents.drawing import Drawing, draw
from papercoder.documents.image_files import NotAnImage, image_file
from papercoder.documents.received import read_bytes
from state.paper import Block, Paper
from tests.images import EXIF, JPEG, pixels, png, write

MakePdf = Callable[..., Path]

RED, BLUE = (255, 0, 0), (0, 0, 255)
LINE = "The model reads the whole input at once and produces all of its outputs in a few steps"
LATEX = r"""\documentclass{article}\title{A}\begin{document}
\section{Method} Words of the method, which Figure~\ref{f} shows.
\begin{figure}%s\caption{What we do.}\label{f}\end{figure}
\end{document}"""


def prose(y: float, lines: int = 3) -> list[tuple[str, float, float, float, str]]:
    return [(LINE, 72.0, y - 12 * number, 10.0, "F") for number in range(lines)]


def drawn(x: float, y: float, width: float, height: float, colour: str = "1 0 0") -> str:
    return f"q {colour} rg {x} {y} {width} {height} re f Q"


def read(path: Path) -> tuple[Paper, Images]:
    images: Images = {}
    return read_paper(path, images), images


def figures(paper: Paper) -> list[Block]:
    return [block for block in paper.blocks() if block.kind == "figure"]


def only_image(paper: Paper, images: Images) -> bytes:
    (figure,) = figures(paper)
    (image,) = figure.images
    assert (len(images[image.sha256]), image.bytes) == (image.bytes, len(images[image.sha256]))
    return images[image.sha256]


@pytest.fixture
def latex(tmp_path: Path) -> Callable[..., Path]:
    """A source whose figure includes this, as a folder."""

    def make(included: str) -> Path:
        write(tmp_path / "source" / "main.tex", (LATEX % included).encode())
        return tmp_path / "source"

    return make


# --- PDF


@pytest.fixture
def page() -> list[object]:
    return [
        ("A Small Paper About Pictures", 150, 740, 17, "B"),
        ("1 Method", 72, 700, 12, "B"),
        *prose(680),
        drawn(150, 500, 200, 100),
        ("Figure 1: What we do.", 150, 480, 10, "F"),
        *prose(440),
    ]


def test_a_drawing_in_a_pdf_is_the_figures_image(make_pdf: MakePdf, page: list[object]) -> None:
    paper, images = read(make_pdf(page))
    width, height, found = pixels(only_image(paper, images))
    assert found.count(RED) / len(found) > 0.8
    assert width / height == pytest.approx(2, rel=0.15)  # neither the caption nor the prose above is in it


def test_the_figure_ends_where_prose_and_captions_stand(make_pdf: MakePdf, page: list[object]) -> None:
    second = [drawn(150, 320, 200, 60, "0 0 1"), ("Figure 2: And then.", 150, 300, 10, "F"), *prose(260)]
    paper, images = read(make_pdf([*page, *second]))
    one, two = (pixels(images[figure.images[0].sha256])[2] for figure in figures(paper))
    assert RED in one and BLUE not in one
    assert BLUE in two and RED not in two


def test_a_figure_below_its_caption_is_found(make_pdf: MakePdf) -> None:
    content = [
        ("A Small Paper About Pictures", 150, 740, 17, "B"),
        ("1 Method", 72, 700, 12, "B"),
        *prose(680),
        ("Figure 1: What we do.", 150, 620, 10, "F"),
        drawn(150, 500, 200, 100),
        *prose(440),
    ]
    paper, images = read(make_pdf(content))
    assert RED in pixels(only_image(paper, images))[2]


def test_a_caption_without_a_drawing_has_no_image(make_pdf: MakePdf, page: list[object]) -> None:
    paper, images = read(make_pdf([item for item in page if not isinstance(item, str)]))
    assert [figure.images for figure in figures(paper)] == [()] and not images


def test_looking_for_images_changes_nothing_else(make_pdf: MakePdf, page: list[object]) -> None:
    path = make_pdf(page)
    paper, images = read(path)
    assert images
    assert paper.markdown(references=True) == read_paper(path).markdown(references=True)
    assert read(path)[1] == images  # the same bytes, whenever it is read
    assert max(map(len, images.values())) > len(paper.model_dump_json()) / 2
    assert base64.b64encode(next(iter(images.values())))[:40] not in paper.model_dump_json().encode()


# --- LaTeX


@pytest.mark.parametrize("included", [r"\includegraphics[width=3cm]{plots/one}", r"\includegraphics{plots/one.png}"])
def test_an_included_file_is_the_figures_image(latex: Callable[..., Path], included: str) -> None:
    source = latex(included)
    write(source / "plots" / "one.png", png(40, 30, RED))
    assert only_image(*read(source)) == png(40, 30, RED)  # as it is


def test_folders_that_the_paper_names_are_looked_in(tmp_path: Path) -> None:
    text = LATEX.replace(r"\begin{document}", r"\graphicspath{{art/}{more/}}\begin{document}")
    write(tmp_path / "s" / "main.tex", (text % r"\includegraphics{one}").encode())
    write(tmp_path / "s" / "more" / "one.jpg", JPEG)
    assert only_image(*read(tmp_path / "s")) == JPEG


def test_a_pdf_figure_is_drawn(latex: Callable[..., Path], make_pdf: MakePdf) -> None:
    source = latex(r"\includegraphics{one}")
    write(source / "one.pdf", make_pdf([drawn(0, 0, 612, 792)]).read_bytes())
    image = only_image(*read(source))
    assert image_file(image).media_type == "image/png" and RED in pixels(image)[2]


def test_the_parts_of_a_figure_are_several_images(latex: Callable[..., Path]) -> None:
    source = latex(r"\subfloat[a]{\includegraphics{one}}\subfloat[b]{\includegraphics{two}}")
    write(source / "one.png", png(9, 9, RED))
    write(source / "two.png", png(9, 9, BLUE))
    paper, images = read(source)
    assert [images[image.sha256] for image in figures(paper)[0].images] == [png(9, 9, RED), png(9, 9, BLUE)]


def test_an_archive_gives_its_images(tmp_path: Path) -> None:
    path = tmp_path / "source.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in (("main.tex", (LATEX % r"\includegraphics{f/one}").encode()), ("f/one.png", png(9, 9, RED))):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    assert only_image(*read(path)) == png(9, 9, RED)
    assert only_image(*_uploaded(path)) == png(9, 9, RED)


def _uploaded(path: Path) -> tuple[Paper, Images]:
    images: Images = {}
    return read_bytes(path.read_bytes(), path.name, images), images


def test_a_missing_file_is_one_warning(latex: Callable[..., Path]) -> None:
    paper, images = read(latex(r"\includegraphics{one}\includegraphics{two}"))
    assert not images and [w for w in paper.warnings if "not there" in w and "one, two" in w]


@pytest.mark.parametrize("name", ["/etc/secret", "../secret", "../source/../secret.png", "link/secret", "~/secret"])
def test_no_image_is_taken_from_outside_the_source(latex: Callable[..., Path], tmp_path: Path, name: str) -> None:
    source = latex(rf"\includegraphics{{{name}}}")
    write(tmp_path / "secret.png", png(9, 9, RED))
    (source / "link").symlink_to(tmp_path)
    paper, images = read(source)
    assert not images and any("not there" in warning for warning in paper.warnings)


# --- pages, Markdown, packages

PAGE = """<html><body><h1>Pictures</h1><h2>1 Method</h2><p>{words}</p>
<figure>{images}<figcaption>Figure 1: What we do.</figcaption></figure></body></html>"""


def page_with(images: str) -> bytes:
    return PAGE.format(words="Words of a page. " * 30, images=images).encode()


@pytest.mark.parametrize("source", ["paper_files/a%20b.png", "paper_files/a b.png"])
def test_a_saved_page_has_its_images_beside_it(tmp_path: Path, source: str) -> None:
    path = write(tmp_path / "paper.html", page_with(f'<img src="{source}">'))
    write(tmp_path / "paper_files" / "a b.png", png(9, 9, RED))
    assert only_image(*read(path)) == png(9, 9, RED)


def test_an_image_can_stand_in_the_page_itself(tmp_path: Path) -> None:
    url = "data:image/png;base64," + base64.b64encode(png(9, 9, RED)).decode()
    assert only_image(*read(write(tmp_path / "p.html", page_with(f'<img src="{url}">')))) == png(9, 9, RED)


def test_nothing_is_fetched_for_a_page_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("papercoder.documents.shelves.download", lambda *_, **__: pytest.fail("fetched"))
    paper, images = read(write(tmp_path / "p.html", page_with('<img src="https://example.org/a.png">')))
    assert not images and any("from elsewhere" in warning for warning in paper.warnings)


def test_an_image_between_a_captions_paragraph_and_the_text_is_a_figure(tmp_path: Path) -> None:
    words = "Words of a page. " * 30
    text = f'<h1>P</h1><h2>1 A</h2><p>{words}</p><p><img src="a.png"></p><p>Figure 2: Ours.</p><p>More of it.</p>'
    write(tmp_path / "a.png", png(9, 9, RED))
    paper, images = read(write(tmp_path / "p.html", text.encode()))
    assert figures(paper)[0].number == "2" and only_image(paper, images) == png(9, 9, RED)


def test_markdown_names_images_beside_it(tmp_path: Path) -> None:
    path = write(tmp_path / "p.md", b"# T\n\n## 1 A\n\nWords.\n\n![Figure 1: Ours.](art/a.png)\n")
    write(tmp_path / "art" / "a.png", png(9, 9, RED))
    assert only_image(*read(path)) == png(9, 9, RED)


@pytest.mark.parametrize("suffix", [".docx", ".odt", ".epub"])
def test_a_package_brings_its_images(tmp_path: Path, suffix: str) -> None:
    write(tmp_path / "a.png", png(90, 90, RED))
    text = "# 1 A\n\nWords of a paper that says a lot.\n\n![Figure 1: What we do.](a.png)\n\nMore words.\n"
    path = tmp_path / f"paper{suffix}"
    command = [pandoc_process.find_pandoc(), "--from", "markdown", "--standalone", "--output", str(path)]
    subprocess.run(command, input=text.encode(), cwd=tmp_path, check=True)
    assert only_image(*read(path)) == png(90, 90, RED)


# --- what means harm


def shown(latex: Callable[..., Path], data: bytes, name: str = "one.png") -> tuple[Images, str]:
    source = latex(rf"\includegraphics{{{name}}}")
    write(source / name, data)
    paper, images = read(source)
    return images, " ".join(paper.warnings)


BOMB = png(1, 1, RED).replace((1).to_bytes(4, "big") * 2, (60_000).to_bytes(4, "big") * 2, 1)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (BOMB, "60000 × 60000 pixels are too many"),
        (b"<svg onload='alert(1)'/>", "SVG is not kept"),
        (b"GIF89a" + bytes(20), "GIF is not kept"),
        (b"#!/bin/sh\nrm -rf /", "it is no image"),
        (png(9, 9, RED)[:20], "it is cut short"),
        (JPEG[:8], "it is cut short"),
        (png(MAX_SIDE + 1, 9, RED, interlaced=True), "it is interlaced"),
        (b"%PDF-1.7 and nothing else", "it is damaged"),
        (b"", "it is no image"),
    ],
)
def test_what_is_no_image_is_left_out_with_a_reason(latex: Callable[..., Path], data: bytes, why: str) -> None:
    images, warnings = shown(latex, data)
    assert not images and why in warnings


def test_the_bytes_decide_what_an_image_is_and_not_its_name(latex: Callable[..., Path]) -> None:
    source = latex(r"\includegraphics{one.jpg}")
    write(source / "one.jpg", png(9, 9, RED))
    assert figures(read(source)[0])[0].images[0].media_type == "image/png"


def test_a_large_image_is_kept_smaller(latex: Callable[..., Path]) -> None:
    (data,) = shown(latex, png(MAX_SIDE * 2, 100, BLUE))[0].values()
    width, height, found = pixels(data)
    assert (width, height) == (MAX_SIDE, 50) and set(found) == {BLUE}


@pytest.mark.parametrize(
    ("pixel", "expected"),
    [
        ((40,), (40, 40, 40)),
        ((0, 128), (127, 127, 127)),
        ((255, 0, 0, 128), (255, 127, 127)),
        ((9, 9, 9, 0), (255, 255, 255)),
        ((10, 20, 30), (10, 20, 30)),
    ],
)
def test_what_is_drawn_anew_is_the_image_on_white(pixel: tuple[int, ...], expected: tuple[int, ...]) -> None:
    (made,) = draw([Drawing(png(200, 160, pixel), side=100, bytes=100_000)])
    assert isinstance(made, bytes)
    width, height, found = pixels(made)
    assert (width, height) == (100, 80)
    assert all(abs(a - b) <= 1 for one in found for a, b in zip(one, expected, strict=True))


def test_what_is_drawn_anew_holds_pixels_alone() -> None:
    hidden = [
        EXIF,
        png(80, 80, RED, extra=b"Comment\0Where I live"),
        png(80, 80, RED) + b"<script>Where I live</script>",
    ]
    assert all(b"Where I live" in data for data in hidden)
    for made in draw([Drawing(data, side=80, bytes=100_000, scale=8) for data in hidden]):
        assert isinstance(made, bytes) and b"live" not in made


def test_a_picture_that_takes_forever_costs_no_other(make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = make_pdf([" ".join(["q 0 0 612 792 re W n /Nothing gs"] * 300_000 + ["0 0 612 792 re f"] * 40_000)])
    monkeypatch.setattr(drawing, "SECONDS", 2)
    jobs = [
        Drawing(data, side=1000, bytes=10**7) for data in (png(80, 80, RED), endless.read_bytes(), png(80, 80, BLUE))
    ]
    first, second, third = draw(jobs)
    assert isinstance(first, bytes) and isinstance(third, bytes)
    assert isinstance(second, str) and "too much time or memory" in second


def test_no_more_bytes_come_out_than_were_asked_for(make_pdf: MakePdf) -> None:
    noise = " ".join(drawn(x * 3, y * 3, 3, 3, f"{x % 7 / 7} {y % 5 / 5} 0") for x in range(99) for y in range(99))
    (made,) = draw([Drawing(make_pdf([noise]).read_bytes(), side=2000, bytes=9_000, scale=2)])
    assert isinstance(made, bytes) and len(made) <= 9_000


def test_an_image_too_large_for_the_archives_bounds_costs_the_paper_nothing(tmp_path: Path) -> None:
    path = tmp_path / "source.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("main.tex", LATEX % r"\includegraphics{big}\includegraphics{one}")
        archive.writestr("big.png", png(9, 9, RED) + bytes(21_000_000))
        archive.writestr("one.png", png(9, 9, RED))
    paper, images = read(path)
    assert list(images.values()) == [png(9, 9, RED)] and any("big" in warning for warning in paper.warnings)


def test_a_jpeg_says_its_size_in_its_head() -> None:
    assert (image_file(JPEG).width, image_file(EXIF).height) == (8, 8)
    with pytest.raises(NotAnImage):
        image_file(JPEG[:30])
