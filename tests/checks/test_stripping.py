"""Comments and docstrings can be taken out of code, whole or only what they cite, and the code stays what it is."""

import ast
import importlib.util
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papercoder.checks.remarks import is_documentation
from papercoder.checks.stripping import without_citations, without_comments

CODE = '''#!/usr/bin/env python
"""Ridge regression (§2.1, Eq. 4) [E4, R7].

See Table 1 and Algorithms 1 and 2; App. B.
"""

import math  # R7: as the paper says

RATE = 0.1  # §3.2 [S3.2.p4]
TEXT = "# no comment [R7]"  # Eq. (4)


class Ridge:
    """Implements R7."""


def fit(x):  # [R7]
    "One line, R7."
    table = x[0]  # a table of values [B, T]
    """A string
    that nobody reads: R7."""
    return f"{table!r} # {math.pi}"
'''


def test_code_without_comments_says_only_what_it_does() -> None:
    stripped = without_comments(CODE)
    assert stripped.split("\n") == [
        *[""] * 6, "import math  ", "", "RATE = 0.1  ", 'TEXT = "# no comment [R7]"  ', "", "", "class Ridge:",
        '    ""', "", "", "def fit(x):  ", "    ", "    table = x[0]  ", "    ", "",
        '    return f"{table!r} # {math.pi}"', "",
    ]  # fmt: skip


def test_code_without_citations_keeps_its_comments() -> None:
    stripped = without_citations(CODE, ["R7", "E4", "abstract"])
    for gone in ("R7 ", "R7:", "R7.", "E4", "§", "Eq.", "Table 1", "Algorithms", "App. B", "S3.2.p4"):
        assert gone not in stripped.replace('"# no comment [R7]"', "")
    for kept in ("Ridge regression", "as the paper says", '"# no comment [R7]"', "a table of values [B, T]"):
        assert kept in stripped
    assert stripped.count("\n") == CODE.count("\n")
    assert without_citations(stripped, ["R7"]) == stripped


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n    'doc'\n", 'def f():\n    ""\n'),
        ("def f(): 'doc'; return 1\n", 'def f(): ""; return 1\n'),
        ("def f():\n    '''a\n    b'''; return 1\n", 'def f():\n    """\n"""; return 1\n'),
        ("(\n    'doc'\n)\nx = 1\n", "\n\n\nx = 1\n"),
        ("'a' \\\n'b'\nx = 1\n", "\n\nx = 1\n"),
        ("'a'\n'b'\n", "\n\n"),
        ("x: 'int' = 1  # é\n", "x: 'int' = 1  \n"),
        ("é = 1; 'ü'  # ä\n", 'é = 1; ""  \n'),
        ("x = 1  # a\r\n'b'\r\n", "x = 1  \r\n\r\n"),
        ("", ""),
    ],
)
def test_documentation_is_taken_out_wherever_it_stands(source: str, expected: str) -> None:
    assert without_comments(source) == expected


def test_a_file_that_does_not_parse_is_stripped_line_by_line() -> None:
    source = 'def f(:\n    """R7\n    R8"""\n    x = "# kept"  # R7\n    y = \'\'\'# kept\n\'\'\'\n# R9\n'
    assert without_comments(source) == "def f(:\n    \n\n    x = \"# kept\"  \n    y = '''# kept\n'''\n\n"
    assert without_citations(source, ["R7"]).count("R7") == 0


def bare(source: str) -> str:
    """The tree of the code, its documentation left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source)
    for node in ast.walk(tree):
        for _, block in ast.iter_fields(node):
            if isinstance(block, list):
                block[:] = [item for item in block if not (isinstance(item, ast.AST) and is_documentation(item))]
    return ast.dump(tree)


def holds(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for strip in (without_comments, lambda text: without_citations(text, ["R1", "E1"])):
        stripped = strip(source)
        assert stripped.count("\n") == source.count("\n"), path
        assert bare(stripped) == bare(source), path


def modules(name: str) -> list[Path]:
    found = importlib.util.find_spec(name)
    assert found
    assert found.submodule_search_locations
    return sorted(Path(next(iter(found.submodule_search_locations))).rglob("*.py"))


@pytest.mark.parametrize("name", ["h11", "wasabi"])
def test_the_code_of_packages_stays_the_same(name: str) -> None:
    for path in modules(name):
        holds(path)


@pytest.mark.long
@pytest.mark.parametrize("name", ["click", "jinja2", "langgraph", "pydantic", "hypothesis", "websockets", "rich"])
def test_the_code_of_large_packages_stays_the_same(name: str) -> None:
    for path in modules(name):
        holds(path)


@pytest.mark.parametrize("strip", [without_comments, without_citations])
@given(source=st.text("#'\"\\\n\r (){}:=;xR7[]§é", max_size=40))
def test_no_text_breaks_it(strip: Callable[[str], str], source: str) -> None:
    assert strip(source).count("\n") == source.count("\n")
