"""A model changes files by SEARCH/REPLACE blocks: every edit is put where it belongs, or the model is told why."""

import difflib
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from papercoder.edits import EditError, apply_edits, parse_edits

FILE = """import math


def area(radius):
    return math.pi * radius**2


def volume(radius):
    return 4 / 3 * math.pi * radius**3
"""


def block(search: str, replace: str, path: str = "shapes.py", size: int = 7) -> str:
    return f"FILE: {path}\n{'<' * size} SEARCH\n{search}{'=' * size}\n{replace}{'>' * size} REPLACE\n"


def edited(answer: str, text: str | None = FILE, path: str = "shapes.py") -> str:
    files = {} if text is None else {path: text}
    return apply_edits(files, parse_edits(answer), {path}).files.get(path, text or "")


AREA = block("    return math.pi * radius**2\n", "    return math.tau / 2 * radius**2\n")
WANTED = FILE.replace("math.pi * radius**2", "math.tau / 2 * radius**2")


@pytest.mark.parametrize(
    "answer",
    [
        AREA,
        f"Here is the fix:\n\n{AREA}\nThat is all.",
        f"```\n{AREA}```\n",
        f"```python\n{AREA}```",
        AREA.replace("FILE: shapes.py\n", "FILE: shapes.py\n```python\n") + "```\n",
        AREA.replace("\n", "\r\n"),
        AREA.rstrip("\n"),
        AREA.replace("FILE: shapes.py", "**FILE:** `shapes.py`"),
        AREA.replace("FILE: shapes.py", "### File: `shapes.py`"),
        AREA.replace("FILE: shapes.py", "`shapes.py`"),
        AREA.replace("SEARCH\n", "SEARCH\n```python\n").replace("=======\n", "```\n=======\n```python\n")
        .replace(">>>>>>> REPLACE", "```\n>>>>>>> REPLACE"),
        AREA.replace("SEARCH", "SEARCH  ").replace("=======", "======= "),
    ],
)  # fmt: skip
def test_an_edit_is_read_however_the_answer_is_dressed(answer: str) -> None:
    assert edited(answer) == WANTED


def test_one_file_line_serves_several_blocks_and_several_files_may_follow() -> None:
    second = block("import math\n", "import math as maths\n").split("\n", 1)[1]
    files = {"shapes.py": FILE, "other.py": "x = 1\n"}
    applied = apply_edits(files, parse_edits(AREA + second + block("x = 1\n", "x = 2\n", "other.py")))
    assert applied.files == {
        "shapes.py": WANTED.replace("import math\n", "import math as maths\n"),
        "other.py": "x = 2\n",
    }


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("", "contains no edit"),
        ("I cannot.", "contains no edit"),
        ("<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE", "which file"),
        ("FILE: a.py\n<<<<<<< SEARCH\na\n=======\nb\n", "not closed"),
        ("FILE: a.py\n<<<<<<< SEARCH\na\n>>>>>>> REPLACE", "no line `=======`"),
        ("FILE: a.py\na\n=======\nb\n>>>>>>> REPLACE", "never began"),
        (AREA + "<<<<<<< SEARCH\nimport math\n=======\n", "Edit 2 is not closed"),
    ],
)
def test_an_answer_that_is_not_whole_is_refused_with_what_is_missing(answer: str, says: str) -> None:
    with pytest.raises(EditError, match=says):
        parse_edits(answer)


def test_indentation_that_is_off_is_rebased() -> None:
    answer = block("return math.pi * radius**2\n", "if radius < 0:\n    raise ValueError\nreturn math.pi * radius**2\n")
    assert edited(answer) == FILE.replace(
        "    return math.pi * radius**2\n",
        "    if radius < 0:\n        raise ValueError\n    return math.pi * radius**2\n",
    )


def test_tabs_and_spaces_correspond_line_by_line() -> None:
    text = "class A:\n\tdef f(self):\n\t\treturn 1\n"
    answer = block("    def f(self):\n        return 1\n", "    def f(self):\n        x = 1\n        return x\n")
    assert edited(answer, text) == "class A:\n\tdef f(self):\n\t\tx = 1\n\t\treturn x\n"


def test_white_space_that_does_not_correspond_is_not_guessed_at() -> None:
    text = "if a:\n    b()\n    c()\n"
    with pytest.raises(EditError, match="indentation"):
        edited(block("    b()\n        c()\n", "    d()\n"), text)


def test_a_text_that_is_not_there_is_answered_with_the_nearest_lines_and_their_numbers() -> None:
    with pytest.raises(EditError) as refused:
        edited(block("def area(r):\n    return math.pi * r**2\n", "pass\n"))
    assert "    4 | def area(radius):" in str(refused.value)
    assert "    5 |     return math.pi * radius**2" in str(refused.value)


def test_a_text_that_stands_in_two_places_is_answered_with_both() -> None:
    text = "a = 1\nx = 0\nb = 2\nx = 0\n"
    with pytest.raises(EditError) as refused:
        edited(block("x = 0\n", "x = 1\n"), text)
    assert "fits 2 places" in str(refused.value)
    assert "2 | x = 0" in str(refused.value)
    assert "4 | x = 0" in str(refused.value)


def test_an_exact_place_wins_over_one_that_only_fits_loosely() -> None:
    text = "x = 0\nif a:\n    x = 0\n"
    assert edited(block("    x = 0\n", "    x = 1\n"), text) == "x = 0\nif a:\n    x = 1\n"


@pytest.mark.parametrize("path", ["secret.py", "../shapes.py", "/etc/passwd", "SHAPES.py", ".git/config"])
def test_a_path_that_may_not_be_changed_is_refused(path: str) -> None:
    with pytest.raises(EditError, match="Edit 1"):
        apply_edits({"shapes.py": FILE}, parse_edits(block("import math\n", "import os\n", path)))


def test_all_edits_or_none_and_every_problem_is_told() -> None:
    answer = AREA + block("not there at all zzz\n", "x\n") + block("a\n", "b\n", "elsewhere.py")
    with pytest.raises(EditError) as refused:
        apply_edits({"shapes.py": FILE}, parse_edits(answer))
    assert "Edit 2 (shapes.py)" in str(refused.value)
    assert "Edit 3 (elsewhere.py)" in str(refused.value)
    assert "Edit 1" not in str(refused.value)


def test_a_file_is_created_filled_and_emptied() -> None:
    assert edited(block("", "x = 1\n"), None) == "x = 1\n"
    assert edited(block("", "x = 1\n"), "") == "x = 1\n"
    assert edited(block("x = 1\n", ""), "x = 1\n") == ""


def test_an_empty_search_does_not_overwrite_a_file() -> None:
    with pytest.raises(EditError, match="SEARCH is empty"):
        edited(block("", "x = 1\n"))


def test_a_search_in_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(EditError, match="does not exist"):
        edited(block("a\n", "b\n"), None)


def test_windows_line_ends_stay() -> None:
    assert edited(AREA, FILE.replace("\n", "\r\n")) == WANTED.replace("\n", "\r\n")


def test_a_missing_final_line_end_stays_missing() -> None:
    assert edited(block("x = 1\n", "x = 2\n"), "x = 1") == "x = 2"


def test_marks_in_the_content_are_content() -> None:
    text = "Title\n=======\n\ntext\n"
    assert edited(block("Title\n=======\n", "Heading\n=======\n", size=9), text) == "Heading\n=======\n\ntext\n"
    shown = block("a\n", "b\n").split("\n", 1)[1]
    nested = f"x = '''\n{shown}'''\n"
    assert edited(block("x = 1\n", nested, size=9), "x = 1\n") == nested


def test_a_block_that_can_be_divided_in_one_way_only_needs_no_longer_marks() -> None:
    assert edited(block("text\n", "Title\n=======\n\ntext\n"), "text\n") == "Title\n=======\n\ntext\n"
    with pytest.raises(EditError, match="longer marks"):
        edited(block("Title\n=======\n", "Heading\n=======\n"), "Title\n=======\n\ntext\n")


def test_an_edit_that_was_made_before_changes_nothing_and_is_told() -> None:
    edits = parse_edits(AREA)
    applied = apply_edits({"shapes.py": WANTED}, edits)
    assert applied.files == {}
    assert applied.already == tuple(edits)


LINES = st.lists(
    st.sampled_from(["", "a", "b", "    a", "x = 1", "=======", "<<<<<<< SEARCH", "```", "é\u2028ü"]), max_size=14
)


def derived(old: list[str], new: list[str]) -> str:
    """An answer that turns one text into the other: hunks of their difference, each with context until it is unique."""
    answer, now = ["FILE: f.txt"], list(old)
    for tag, start, end, low, high in reversed(difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()):
        if tag == "equal":
            continue
        first, last = start, end
        while _count(now, now[first:last]) != 1 and (first > 0 or last < len(now)):
            first, last = max(0, first - 1), min(len(now), last + 1)
        replace = [*now[first:start], *new[low:high], *now[end:last]]
        answer += ["<" * 12 + " SEARCH", *now[first:last], "=" * 12, *replace, ">" * 12 + " REPLACE"]
        now[first:last] = replace
    return "\n".join(answer)


def _count(lines: list[str], part: list[str]) -> int:
    return sum(lines[n : n + len(part)] == part for n in range(len(lines) - len(part) + 1)) if part else 0


@example(["```", "", "```"], [])
@given(LINES, LINES)
def test_the_difference_of_two_texts_as_edits_makes_one_of_the_other(old: list[str], new: list[str]) -> None:
    before, after = "".join(f"{line}\n" for line in old), "".join(f"{line}\n" for line in new)
    if before != after:
        applied = apply_edits({"f.txt": before}, parse_edits(derived(old, new)))
        assert applied.files == {"f.txt": after}


@given(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=2), st.data())
def test_to_apply_an_edit_twice_is_to_apply_it_once(lines: list[str], data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(lines))
    edits = parse_edits(block(f"{line}\n", "new\n", "f.txt"))
    once = apply_edits({"f.txt": "\n".join(lines) + "\n"}, edits).files["f.txt"]
    assert apply_edits({"f.txt": once}, edits).files == {}


@given(st.text(st.sampled_from("<>=` \nSEARCHREPLACEFILE:a.py/"), max_size=200))
def test_whatever_a_model_says_is_read_or_refused(answer: str) -> None:
    with suppress(EditError):
        apply_edits({"a.py": "x = 1\n"}, parse_edits(answer))
