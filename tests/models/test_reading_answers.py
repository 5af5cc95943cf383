"""An answer is read as it was meant, or refused with a sentence for the model; nothing else ever happens."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from benchmarks.simulator.malform import VARIANTS
from papercoder.models.answers import (
    AnswerError,
    Parser,
    fences,
    file_answer,
    json_answer,
    strip_reasoning,
    text_answer,
)
from state.architecture import Architecture
from state.configuration import Configuration
from state.logic import LogicDesign
from state.plan import Plan


class Form(BaseModel):
    name: str
    count: int = 0


FORM = json_answer(Form)
FILE = file_answer("src/model.py")
GOOD = '{"name": "x", "count": 2}'
CODE = "import math\n\n\ndef area(r: float) -> float:\n    return math.pi * r * r\n"
BLOCK = f"```python\n{CODE}```"
ANSWER = f"FILE: src/model.py\n{BLOCK}"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("x", "x"),
        ("<think>a</think>x", "x"),
        ("<thinking>\na\n</thinking>\n\nx", "x"),
        ("a</think>x", "x"),
        ("a\n</think>\n\nx", "x"),
        ("Let me think.</think>```json\n{}\n```", "```json\n{}\n```"),
        ("<think>a", ""),
        ("<think>a</think>", ""),
        ("<think>a</think><think>b</think>x", "x"),
        ("x\n<think>a</think>\ny", "x\n\ny"),
        ("<think>```\nx = 1\n```</think>y", "y"),
        ("<think>an open fence\n```python\nx</think>y", "y"),
        ("a\r\nb", "a\nb"),
        ("\ufeffx", "x"),
        ("The tag `<think>` opens, `</think>` closes it.", "The tag `<think>` opens, `</think>` closes it."),
        ("```python\nT = '''\n<think>\n'''\n```", "```python\nT = '''\n<think>\n'''\n```"),
    ],
)
def test_reasoning_is_not_part_of_an_answer(text: str, answer: str) -> None:
    assert strip_reasoning(text) == answer


def test_code_about_reasoning_keeps_its_tags() -> None:
    code = 'OPEN = "<think>"\nCLOSE = "</think>"\nPROMPT = """\n<think>\nsteps\n</think>\n"""\n'
    assert FILE(f"<think>First.</think>\nFILE: src/model.py\n```python\n{code}```") == code


@pytest.mark.parametrize(
    ("text", "bodies", "closed"),
    [
        ("```\na\n```", ["a\n"], [True]),
        ("~~~\na\n~~~", ["a\n"], [True]),
        ("~~~\n```\n~~~", ["```\n"], [True]),
        ("````\n```\na\n```\n````", ["```\na\n```\n"], [True]),
        ("```md\n```py\na\n```\n```", ["```py\na\n```\n"], [True]),
        ("```\na", ["a"], [False]),
        ("```\na\n```\n```\nb\n```", ["a\n", "b\n"], [True, True]),
        ("    ```\na\n", [], []),
        ("a ``` b", [], []),
        ("```\n```", [""], [True]),
        ("```", [""], [False]),
    ],
)
def test_the_outermost_blocks_are_found(text: str, bodies: list[str], closed: list[bool]) -> None:
    found = fences(text)
    assert [block.body for block in found] == bodies
    assert [block.closed for block in found] == closed


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```",
        f"```JSON\n{GOOD}\n```",
        f"Sure:\n```json\n{GOOD}\n```\nAnything else?",
        f"Sure: {GOOD} I hope that helps.",
        f"```json\n{GOOD}\n```".replace("\n", "\r\n"),
        f"<think>{{}}</think>{GOOD}",
        f"```json\n{{}}\n```\nBetter:\n```json\n{GOOD}\n```",
        f"```json\n{GOOD}\n```\n```json\n{GOOD}\n```",
        f"Here:\n```json\n{GOOD}",
        '{"name": "x", "count": 2,}',
        '{"name": "x", "count": 2,\n}\n',
        f"\ufeff```json\n{GOOD}\n```",
    ],
)
def test_a_json_object_is_found_however_it_is_wrapped(text: str) -> None:
    assert FORM(text) == Form(name="x", count=2)


def test_strings_are_left_alone() -> None:
    assert FORM('{"name": "a,] b,}\\", }"}').name == 'a,] b,}", }'
    assert FORM('{"name": "two\nlines"}').name == "two\nlines"
    assert FORM('```json\n{"name": "see\n```python\nx\n```\n"}\n```').name == "see\n```python\nx\n```\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The answer was empty"),
        ("<think>hm</think>", "The answer was empty"),
        ("I'm sorry, I cannot do that.", "contains no JSON object"),
        ("[1, 2]", "contains no JSON object"),
        ("```json\n[1, 2]\n```", "The JSON is a list; it must be one object"),
        ("```json\n3\n```", "a number"),
        ("```json\nnull\n```", "not an object"),
        ('```json\n{"name": "x"\n```', "does not parse: .* near: "),
        ("{name: x}", "does not parse"),
        ('{"count": 1}', "- name: Field required"),
        ('{"name": "x", "count": "many"}', r"- count: .*given: 'many'"),
        ('{"name": ["x"]}', r"- name: .*\['x'\]"),
        ('{"name": ' + "[" * 100_000 + "]" * 100_000 + "}", "does not parse"),
        ('{"name": "x", "count": ' + "1" * 5_000 + "}", "does not parse"),
    ],
)
def test_what_is_wrong_with_json_is_said(text: str, words: str) -> None:
    with pytest.raises(AnswerError, match=words):
        FORM(text)


def test_only_the_first_problems_are_listed() -> None:
    many = json.dumps({"summary": "s", "method": [{} for _ in range(20)], "data": [], "experiments": [], "metrics": []})
    with pytest.raises(AnswerError) as refusal:
        json_answer(Plan)(many)
    assert str(refusal.value).endswith("- and 32 more")


def test_what_a_check_refuses_is_refused_in_its_words() -> None:
    def check(form: Form) -> None:
        raise ValueError(f"{form.name} is taken")

    with pytest.raises(AnswerError, match=r"^x is taken$"):
        json_answer(Form, check)(GOOD)


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        BLOCK,
        f"Here it is.\n\n{ANSWER}\n\nAll done!",
        ANSWER.replace("\n", "\r\n"),
        f"```python src/model.py\n{CODE}```",
        f'```python title="src/model.py"\n{CODE}```',
        f"## Code: src/model.py\n{BLOCK}",
        f"**`src/model.py`**\n\n{BLOCK}",
        f"~~~python\n{CODE}~~~",
        f"````python\n{CODE}````",
        f"FILE: src/model.py\n```python\n\n\n{CODE}\n\n```",
        f"To install:\n```sh\npip install x\n```\n{ANSWER}",
        f"{ANSWER}\nRun it:\n```sh\npython main.py\n```",
        f"FILE: src/model.py\n```python\npass\n```\nIn full:\nFILE: src/model.py\n{BLOCK}",
        f"<think>FILE: src/model.py\n```python\nWRONG\n```</think>\n{ANSWER}",
        f"FILE: src/other.py\n```python\nx = 1\n```\n{ANSWER}",
        f"FILE: `src/model.py`\n{BLOCK}",
        f"### 3.2 The model\n{BLOCK}",
        f"```python3.11\n{CODE}```",
    ],
)
def test_a_file_is_found_however_it_is_wrapped(text: str) -> None:
    assert FILE(text) == CODE


def test_a_comment_names_the_file() -> None:
    assert FILE("```python\n# src/model.py\nx = 1\n```\n```sh\npython x\n```") == "# src/model.py\nx = 1\n"


def test_a_docstring_may_show_fenced_code() -> None:
    nested = 'def f():\n    """Use it:\n\n```python\nf()\n```\n    """\n'
    bare = nested.replace("```python", "```")
    assert FILE(f"FILE: src/model.py\n```python\n{nested}```") == nested
    assert FILE(f"FILE: src/model.py\n```python\n{bare}```") == bare


def test_other_kinds_of_files_are_taken_as_they_are() -> None:
    assert file_answer("data/x.json")('FILE: data/x.json\n```json\n{"a": }\n```') == '{"a": }\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "answer was empty"),
        ("I can't help with that.", "no fenced block"),
        (CODE, "no fenced block"),
        ("```python\n```", "block is empty"),
        ("```python\n \n\t\n```", "block is empty"),
        (f"FILE: src/model.py\n```python\n{CODE}", "not closed"),
        (f"FILE: src/other.py\n{BLOCK}", r"is for 'src/other.py'; the file to write is 'src/model.py'"),
        (f"```python src/other.py\n{CODE}```", "is for 'src/other.py'"),
        (f"## src/model.pyx\n{BLOCK}", r"is for 'src/model.pyx'"),
        (f"{BLOCK}\n{BLOCK}", "2 fenced blocks"),
        ("```python\ndef f(:\n```", r"not valid Python: .* \(line 1\)"),
        ("```python\nx = 1\0\n```", "not valid Python"),
        ("```python\n" + "-" * 200_000 + "1\n```", "not valid Python"),
        ("```\n\n```\n~~~python src/model.py\nx = (\n~~~", "not valid Python"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(text: str, words: str) -> None:
    with pytest.raises(AnswerError, match=words):
        FILE(text)


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("word " * 20, ("word " * 20).strip()),
        ("<think>a</think>" + "word " * 20, ("word " * 20).strip()),
        ("```markdown\n" + "word " * 20 + "\n```", ("word " * 20).strip()),
        ("I'm sorry to say that the paper is unclear. " + "word " * 100, None),
    ],
)
def test_prose_is_taken_whole(text: str, prose: str | None) -> None:
    assert text_answer()(text) == (prose or text.strip())


@pytest.mark.parametrize(
    "text",
    ["", "ok", "<think>" + "x" * 500, "I'm sorry, but I can not do this for you, as it is too long.",
     "I’m sorry, but this is something that I will not do.", "I cannot assist with the reproduction of this paper."],
)  # fmt: skip
def test_a_refusal_is_not_an_answer(text: str) -> None:
    with pytest.raises(AnswerError):
        text_answer()(text)


PARSERS: list[Parser[Any]] = [
    *(json_answer(form) for form in (Form, Plan, Architecture, LogicDesign, Configuration)),
    FILE,
    file_answer("notes.md"),
    text_answer(),
]
PIECES = st.sampled_from(
    [
        "```",
        "````",
        "~~~",
        "```json\n",
        "```python\n",
        "\n",
        "\r\n",
        "<think>",
        "</think>",
        "{",
        "}",
        "[",
        "]",
        '"',
        ",",
        ":",
        "\\",
        "FILE: src/model.py\n",
        "FILE: src/other.py\n",
        "# src/model.py\n",
        '"""',
        "x = 1\n",
        "def f(:",
        GOOD,
        BLOCK,
        "\0",
        "\ufeff",
        "é",
        "\ud800",
        " ",
        '{"values": [{"key": "a.b", "value": ',
        "NaN",
        "1e999",
        "-Infinity",
    ]
)
ANSWERS = st.text() | st.lists(PIECES, max_size=14).map("".join)


@given(ANSWERS)
def test_no_answer_makes_a_parser_fail_in_another_way(text: str) -> None:
    for parse in PARSERS:
        try:
            value = parse(text)
        except AnswerError as error:
            assert str(error).strip()  # noqa: PT017  most answers are refused, some are read
        else:
            assert not isinstance(value, str) or value.strip()


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r`~"), min_size=1))
def test_a_fenced_text_comes_back_as_it_was(body: str) -> None:
    if body.strip():
        read = file_answer("notes.txt")(f"FILE: notes.txt\n```\n{body}\n```")
        assert read == body.strip("\n") + "\n"


UNFENCED = {"code_no_fence", "code_only", "code_unterminated_fence"}  # sent back: where the file ends is a guess
WAYS = [name for name, variant in VARIANTS.items() if variant.kind in ("any", "code")]


@pytest.mark.parametrize("name", WAYS)
def test_every_known_way_to_go_wrong_is_read_or_refused(name: str) -> None:
    variant = VARIANTS[name]
    for good, parse in ((f"FILE: src/model.py\n\n{BLOCK}\n", FILE), (f"```json\n{GOOD}\n```", FORM)):
        if variant.kind == "code" and parse is FORM:
            continue
        try:
            value: Any = parse(variant.edit(good))  # type: ignore[operator]
        except AnswerError:
            assert not variant.whole or name in UNFENCED
        else:
            assert value in (CODE, Form(name="x", count=2)) or not variant.whole or "nested" in name
