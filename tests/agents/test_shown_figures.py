"""Which figures of a paper models are shown."""

import pytest

from agents.context import Material
from agents.estimate import estimate
from agents.figures import MOST, PARTS, SIDE, as_prompt, chosen, drawn
from papercoder.documents.image_files import image_file
from state.context import Context
from state.paper import Block, ImageRef, Paper, Section, ShownFigure
from tests.images import png

IMAGE = ImageRef(sha256="a" * 64, media_type="image/png", width=900, height=600, bytes=5_000)


def figure(number: int, caption: str, images: int = 1) -> Block:
    name = f"F{number}"
    return Block(id=name, label=f"Fig. {number}", kind="figure", text="", caption=caption, number=str(number),
                 images=(IMAGE,) * images)  # fmt: skip


def section(title: str, *blocks: Block, text: str = "", level: int = 1, label: str = "§1") -> Section:
    paragraph = Block(id=f"{title}.p1", label="", kind="paragraph", text=text or "Words.")
    return Section(id=title, label=label, title=title, level=level, blocks=(paragraph, *blocks))


def shown(*sections: Section) -> list[str]:
    return [block.id for block in chosen(Paper(title="t", sections=sections))]


def test_a_figure_that_the_method_refers_to_is_shown_wherever_it_stands() -> None:
    method = section("Our Method", text="Figure 3 shows the block, see also Figs. 9 and (Fig. 4).")
    results = section("Experiments", figure(3, "A block."), figure(4, "A cell."), figure(5, "A machine."))
    assert shown(method, results) == ["F3", "F4"]


def test_results_are_not_shown_even_where_the_method_refers_to_them() -> None:
    method = section("Our Method", figure(1, "Accuracy on ImageNet."), figure(2, "Training curves."), text="Figure 1.")
    assert shown(method) == []


@pytest.mark.parametrize("title", ["Introduction", "Related Work", "Experiments", "Ablation Study", "Conclusion"])
def test_elsewhere_only_overviews_are_shown(title: str) -> None:
    aside = section(title, figure(1, "Overview of our method."), figure(2, "Something else."), text="See Figure 2.")
    assert shown(aside) == ["F1"]


def test_a_section_below_experiments_is_about_experiments() -> None:
    inner = section("Setup", figure(1, "A rig."), level=2, text="Figure 1.")
    assert shown(section("Experiments"), inner) == []
    assert shown(section("Experiments"), section("The Model", figure(1, "A rig."))) == ["F1"]


def test_appendices_are_left_aside() -> None:
    assert shown(section("Derivation", figure(1, "A rig."), label="App. A")) == []


def test_a_figure_without_an_image_cannot_be_shown() -> None:
    assert shown(section("Method", figure(1, "A model.", images=0))) == []


def test_no_more_than_some_images_are_shown_overviews_first() -> None:
    many = [figure(number, "A part.") for number in range(1, 12)]
    last = figure(12, "Architecture of the whole.")
    kept = shown(section("Method", *many, last, text="Figure 7, Figure 7 and Figure 7."))
    assert len(kept) == MOST and {"F7", "F12"} <= set(kept) and kept == sorted(kept, key=lambda name: int(name[1:]))


def test_a_gallery_does_not_take_all_the_room() -> None:
    assert shown(section("Method", figure(1, "Parts.", images=9), figure(2, "Parts.", images=9))) == ["F1", "F2"]
    assert 2 * PARTS <= MOST


def test_what_is_shown_is_drawn_anew_and_small() -> None:
    large, broken = png(3_000, 1_500, (0, 0, 255)), b"no image"
    refs = [IMAGE.model_copy(update={"sha256": name * 64}) for name in "bc"]
    block = figure(1, "Overview.").model_copy(update={"images": tuple(refs)})
    paper = Paper(title="t", sections=(section("Method", block),))
    figures, contents, problems = drawn(paper, {"b" * 64: large, "c" * 64: broken})
    (made,) = figures
    assert (made.anchor, made.image.width, made.image.height) == ("F1", SIDE, SIDE // 2)
    assert image_file(contents[made.image.sha256]).width == SIDE
    assert problems == ["Fig. 1 is not shown to the models: it is no image."]


def material(model: str, *images: ShownFigure) -> Material:
    paper = Paper(title="t", sections=(section("Method", text="word " * 3_000),))
    context = Context(model=model, figures=bool(images))
    return Material(context=context, paper=paper, images=tuple(as_prompt(one, "") for one in images))


def test_an_estimate_adds_each_image_to_each_call() -> None:
    one = ShownFigure(anchor="F1", label="Fig. 1", image=IMAGE)
    blind, seeing = estimate(material("openai:gpt-4o")), estimate(material("openai:gpt-4o", one))
    added = (seeing.input.expected - blind.input.expected) / blind.calls.expected
    assert added == pytest.approx(85 + 4 * 170, abs=20)
    assert any("85 and 170 a 512-pixel tile" in text for text in seeing.basis)


def test_images_take_room_in_the_window() -> None:
    one = ShownFigure(anchor="F1", label="Fig. 1", image=IMAGE)
    blind, seeing = material("openai:gpt-4o"), material("openai:gpt-4o", one)
    assert 765 <= blind.window - seeing.window <= 785
