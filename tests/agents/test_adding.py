"""A repair may add what is missing to a repository, and nothing that would decide what its tests or programs do."""

import pytest

from agents.adding import addable
from agents.editing import edited
from papercoder.models.answers import AnswerError

THERE = {"src/model.py", "data", "main.py", "README.txt"}


def added(path: str, text: str = "1\n", more: str = "") -> dict[str, str]:
    """The new files of an answer that creates this one."""
    code = {"main.py": "print(1)\n"}
    answer = f"FILE: {path}\n<<<<<<< SEARCH\n=======\n{text}>>>>>>> REPLACE\n{more}"
    return {name: text for name, text in edited(code, code, addable(THERE))(answer).items() if name not in code}


@pytest.mark.parametrize(
    "path", ["src/__init__.py", "src/losses.py", "inputs/tiny.csv", "vocabulary.txt", "requirements.txt", "config.yaml"]
)
def test_code_that_is_missing_and_small_data_are_added(path: str) -> None:
    assert added(path) == {path: "1\n"}


def test_a_package_s_empty_file_is_added() -> None:
    assert added("src/__init__.py", "") == {"src/__init__.py": ""}


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../elsewhere.py", "must not contain"),
        ("/etc/cron.txt", "is absolute"),
        (".papercoder/report.json", "reaches into"),
        (".git/hooks/commit.py", "reaches into"),
        (".github/x.yml", "repository's own files do not"),
        ("venv/lib/x.py", "repository's own files do not"),
        ("tests/test_more.py", "tests are not added"),
        ("tests/data.csv", "tests are not added"),
        ("src/test_model.py", "tests are not added"),
        ("src/conftest.py", "conftest.py is not added"),
        ("sitecustomize.py", "sitecustomize.py is not added"),
        ("reproduce.sh", "these endings"),
        ("pytest.ini", "these endings"),
        ("pyproject.toml", "these endings"),
        ("README.md", "these endings"),
        ("results.smoke.json", "results.smoke.json is not added"),
        ("pytest.py", "hide the module pytest"),
        ("torch/__init__.py", "hide the module torch"),
        ("random.py", "hide the module random"),
        ("README.txt", "may not be changed here"),
        ("data/tiny.csv", "cannot be written beside 'data'"),
        ("SRC/model.py", "cannot be written beside 'src/model.py'"),
    ],
)
def test_what_would_decide_more_than_that_is_refused_with_the_reason(path: str, why: str) -> None:
    with pytest.raises(AnswerError, match=why):
        added(path)


def test_a_file_that_is_there_is_not_written_anew() -> None:
    with pytest.raises(AnswerError, match="SEARCH is empty, but the file has 1 lines"):
        added("main.py")


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(AnswerError, match="no text"):
        added("inputs/tiny.csv", "\0\n")


def test_new_files_do_not_stand_in_each_other_s_way() -> None:
    more = "FILE: a/b.py/c.py\n<<<<<<< SEARCH\n=======\n2\n>>>>>>> REPLACE\n"
    with pytest.raises(AnswerError, match="cannot be a file and the folder"):
        added("a/b.py", more=more)


def test_who_may_only_edit_adds_nothing() -> None:
    answer = "FILE: more.py\n<<<<<<< SEARCH\n=======\n1\n>>>>>>> REPLACE\n"
    with pytest.raises(AnswerError, match="may not be changed"):
        edited({"main.py": "1\n"}, {"main.py"})(answer)
