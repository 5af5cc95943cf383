"""What a model is shown fits its window, is the same for all files, and says what was left out."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.architect import check_beside
from agents.coder import indirect_dependencies, most_used_first
from agents.context import Material, base_text, file_prefix, imports, plan_items, prefix
from agents.headers import header
from agents.logic_designer import check_tasks
from agents.paper import paper_text
from agents.sources import unknown_sources
from papercoder.models.tokens import count_tokens
from state.context import Context
from state.logic import LogicDesign, Task
from state.paper import Block, Paper, Section
from state.paths import UnsafePath
from state.plan import Plan, PlanItem


def long_paper(words: int = 200) -> Paper:
    def section(id: str, label: str) -> Section:
        prose = Block(id=f"{id}.p1", label=label, kind="paragraph", text=f"{id} " * words)
        table = Block(id=f"T{id}", label=f"Table {id}", kind="table", text=f"| kept {id} |", caption="c")
        return Section(id=id, label=label, title=f"Section {id}", blocks=(prose, table))

    return Paper(
        title="t", sections=(section("S1", "§1"), section("S2", "§2"), section("A", "App. A"), section("B", "App. B"))
    )


def test_a_paper_that_fits_is_shown_whole(paper: Paper) -> None:
    assert paper_text(paper, 10_000) == (paper.markdown(), ())


def test_appendix_prose_goes_first_and_from_the_end() -> None:
    paper = long_paper()
    whole = count_tokens(paper.markdown())
    text, trimmed = paper_text(paper, whole - 10)
    assert trimmed[-1] == "the prose of App. B"
    assert "B B B" not in text
    assert "A A A" in text
    assert "kept B" in text
    text, trimmed = paper_text(paper, whole - 2 * count_tokens("A " * 200) + 40)
    assert trimmed[-2:] == ("the prose of App. B", "the prose of App. A")
    assert "S2 S2" in text


def test_last_goes_the_end_of_the_paper() -> None:
    text, trimmed = paper_text(long_paper(), 100)
    assert trimmed[-1] == "the end of the paper"
    assert text.startswith("# t")
    assert count_tokens(text) <= 100


def test_formulas_tables_and_settings_stay_when_prose_has_to_go() -> None:
    paper = long_paper()
    setting = Block(id="B.p2", label="¶", kind="paragraph", text="We train with a learning rate of 3e-4. " + "B " * 60)
    formula = Block(id="E1", label="Eq. 1", kind="equation", text="a = b")
    plain = Block(id="B.p3", label="¶", kind="paragraph", text="B " * 60)
    changed = paper.sections[3].model_copy(update={"blocks": (setting, formula, plain)})
    paper = paper.model_copy(update={"sections": (*paper.sections[:3], changed)})
    text, trimmed = paper_text(paper, 400)
    assert setting.text.strip() in text and "a = b" in text and "kept A" in text
    assert "(1 passages left out)" in text
    assert trimmed[:2] == ("the paper's references", "the prose of App. B")


def test_related_work_is_spared_before_the_method() -> None:
    paper = long_paper()
    related = paper.sections[0].model_copy(update={"title": "Related Work"})
    paper = paper.model_copy(update={"sections": (related, *paper.sections[1:2])})
    text, _ = paper_text(paper, count_tokens(paper.markdown()) - 50)
    assert "S1 S1" not in text and "S2 S2" in text


def test_what_was_left_out_goes_into_the_ledger_of_every_call() -> None:
    material = Material(
        context=Context(model="x:y", context_window=2_100, max_output_tokens=1_600), paper=long_paper(400)
    )
    assert material.window == 525
    assert "the prose of App. B" in material.shown_paper[1]


def test_the_window_is_that_of_the_smallest_model() -> None:
    both = Context(model="openai:o3-mini", models={"coder": "nobody:x"}, max_output_tokens=8_000)
    assert Material(context=both, paper=long_paper(1)).window == 120_000


def sources(n: int) -> dict[str, str]:
    return {f"f{i}.py": f"def f{i}(x: int) -> int:\n    return {'x + ' * (20 * i + 5)}1\n" for i in range(n)}


def test_dependencies_that_fit_are_shown_in_full_and_indirect_ones_as_headers() -> None:
    direct, indirect = sources(2), {"far.py": "SEED = 1\ndef far():\n    return 1\n"}
    entries, trimmed = imports(direct, indirect, 10_000)
    assert trimmed == ()
    assert [entry.splitlines()[0] for entry in entries] == [
        "### `f0.py`",
        "### `f1.py`",
        "### `far.py`, signatures only",
    ]
    assert "return 1" not in entries[2]


def test_indirect_headers_go_before_direct_bodies_and_the_largest_first() -> None:
    direct, indirect = sources(3), {"near.py": "def near(): ...", "far.py": "def far(): ..."}
    whole = imports(direct, indirect, 10**6)[0]
    size = sum(count_tokens(entry) + 1 for entry in whole)
    assert imports(direct, indirect, size - 1)[1] == ("the header of far.py",)
    assert imports(direct, indirect, size - count_tokens(whole[3]) - count_tokens(whole[4]) - 10)[1] == (
        "the header of far.py",
        "the header of near.py",
        "the bodies of f2.py",
    )


@given(st.integers(0, 6), st.integers(0, 6), st.integers(100, 1_500), st.booleans())
def test_imports_never_exceed_their_room_and_say_what_is_missing(
    direct: int, indirect: int, limit: int, odd: bool
) -> None:
    near = sources(direct) | ({"data.json": "[" + "1, " * 2_000 + "1]"} if odd else {})
    far = {f"far/{path}": source for path, source in sources(indirect).items()}
    entries, trimmed = imports(near, far, limit)
    assert count_tokens("\n\n".join(entries)) <= limit
    assert [entry.split("`")[1] for entry in entries[: len(near)]] == list(near)
    shown = "\n".join(entries)
    for path, source in near.items():
        assert source.strip() in shown or any(path in what for what in trimmed)
    for path in far:
        assert f"`{path}`" in shown or f"the header of {path}" in trimmed


def test_a_base_repository_is_listed_as_far_as_there_is_room() -> None:
    files = {"a.py": "def a(): return 1", "b.txt": "x", "c.py": "def c(): return 2"}
    assert base_text(files, 10_000).count("<header-") == 2
    assert base_text(files, 10) == "- `a.py`\n- `b.txt`\n- `c.py`"


def test_the_shared_beginning_does_not_depend_on_the_file(material: Material) -> None:
    shared = file_prefix(material)
    assert shared == file_prefix(replace(material, analyses={}))
    assert shared.startswith(prefix(material))


@pytest.mark.parametrize(
    ("source", "files"),
    [
        (["E1"], ["src/model.py"]),
        (["S2.p1"], ["src/data.py"]),
        (["S2"], ["src/data.py", "src/model.py"]),
        (["T1"], ["src/data.py", "src/model.py"]),
        (["A"], ["main.py"]),
        (["nowhere"], ["main.py"]),
        ([], ["src/data.py", "src/model.py", "main.py"]),
    ],
    ids=[
        "an equation",
        "a paragraph",
        "a section",
        "a passage that no contract names",
        "a section that no contract names",
        "an anchor that the paper lacks",
        "no passage",
    ],
)
def test_an_item_of_the_plan_goes_to_the_files_that_it_concerns(
    material: Material, source: list[str], files: list[str]
) -> None:
    plan = Plan(
        summary="s", method=[PlanItem(what="w", source=source)], data=[], experiments=[], metrics=[], open_choices=[]
    )
    shown = [path for path in material.analyses if plan_items(replace(material, plan=plan), path)]
    assert shown == files


def logic(**graph: list[str]) -> LogicDesign:
    return LogicDesign(
        tasks=[Task(path=path, depends_on=others, logic="l") for path, others in graph.items()], open_choices=[]
    )


def test_dependencies_are_ordered_by_how_many_share_them() -> None:
    design = logic(a=[], b=["a"], c=["a", "b"], d=["b", "a", "c"])
    assert most_used_first(design, ["c", "b", "a"]) == ["a", "b", "c"]
    assert indirect_dependencies(design, "d") == []
    assert indirect_dependencies(logic(a=[], b=["a"], c=["b"], d=["c"]), "d") == ["b", "a"]


def test_tasks_must_be_the_architecture_s_files(material: Material) -> None:
    assert material.architecture
    with pytest.raises(ValueError, match=r"lacks these files of the architecture: main.py, src/data.py, src/model.py"):
        check_tasks(logic(a=[]), material.architecture)
    tasks = [Task(path=path, logic="l") for path in (*material.architecture.paths, "x.py")]
    with pytest.raises(ValueError, match=r"the architecture does not have: x\.py"):
        check_tasks(LogicDesign(tasks=tasks, open_choices=[]), material.architecture)


def test_a_plan_s_unknown_sources_are_named(material: Material, paper: Paper) -> None:
    assert material.plan
    assert material.configuration
    assert unknown_sources(material.plan, paper) == ""
    wrong = material.plan.model_copy(update={"method": [PlanItem(what="w", source=["E9", "E1", "Eq. 1"])]})
    assert "not ids of the paper: E9, Eq. 1." in unknown_sources(wrong, paper)


def test_a_design_may_not_collide_with_the_base_repository() -> None:
    with pytest.raises(UnsafePath):
        check_beside(["model/net.py"], {"model": "a file"})


LONG_SUM = "TOTAL = " + " + ".join(["'a'"] * 3_000)
DEEP = "x = " + "(" * 150 + "1" + ")" * 150


@pytest.mark.parametrize(
    "source",
    [
        "",
        "\n",
        "def f(:",
        "x = 1\0",
        LONG_SUM,
        DEEP,
        "-" * 100_000 + "1",
        "\ufeffx = 1",
        "#" * 10,
        "'''doc'''",
        "class A: pass",
        "x: int",
        "(a, b) = 1, 2",
        "a.b = 1",
        "if x:\n    def f(): pass",
        "é = 'ü'",
        "x = '\\d'",
        "\tx = 1",
        "async def f(): ...",
        "@a.b(1)\n@c\ndef f(*a: int, k=1, **kw) -> 'X': return 1",
        "lambda: 0",
        "{" * 5_000,
        "x" * 100_000,
        "match x:\n    case 1: pass",
    ],
    ids=range(24),
)
@pytest.mark.filterwarnings("error::SyntaxWarning", "error::DeprecationWarning")
def test_any_text_has_a_header(source: str) -> None:
    assert isinstance(header(source), str)


@given(
    st.text()
    | st.lists(
        st.sampled_from(["def f(x):\n", "    return 1\n", "class A:\n", "    '''d'''\n", "x = 1\n", "@d\n"])
    ).map("".join)
)
def test_whatever_the_source_there_is_a_header(source: str) -> None:
    header(source)


def test_a_header_has_signatures_docstrings_and_constants_but_no_bodies() -> None:
    source = '''"""Module.

More."""
import os
from x import y
RATE = 0.1
NAMES: list[str] = ["a"]
os.environ["A"] = "1"

@cached(maxsize=None)
async def load(path: str, *, n: int = 3) -> "Data":
    """Loads.

    In detail."""
    secret = 1
    return secret

def _private(): return 1

class Net(Base, metaclass=M):
    """A net."""
    width: int = 4
    def __init__(self, d): self.d = d
    def _inner(self): ...
    @property
    def size(self) -> int: return 1
    class Config:
        pass
'''
    assert (
        header(source)
        == '''"""Module."""
RATE = 0.1
NAMES: list[str] = ['a']
@cached(maxsize=None)
async def load(path: str, *, n: int=3) -> 'Data':
    """Loads."""
    ...
class Net(Base, metaclass=M):
    """A net."""
    width: int = 4
    def __init__(self, d):
        ...
    @property
    def size(self) -> int:
        ...
    class Config:
        ...'''
    )


def test_a_very_long_constant_is_cut() -> None:
    shown: Any = header(f"TABLE = {list(range(1_000))}")
    assert len(shown) < 200
    assert shown.endswith(" …")
