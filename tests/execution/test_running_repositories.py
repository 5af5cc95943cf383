"""A repository is run step by step, and what goes wrong is named with its place."""

import pytest

from papercoder.sandbox import Limits
from state.execution import Kind

GOOD = {
    "main.py": "import sys\nfrom model import double\nprint(double(21) if '--smoke' in sys.argv else 'all')\n",
    "model.py": "def double(x):\n    return 2 * x\n",
    "tests/test_model.py": (
        "from model import double\n\ndef test_double(subtests):\n    with subtests.test(): assert double(2) == 4\n"
    ),
    "reproduce.sh": 'python main.py "$@"\n',
}


def test_every_step_of_a_sound_repository_passes(run) -> None:
    report = run(GOOD)
    assert [(step.step, step.passed) for step in report.steps] == [
        ("install", True),
        ("import", True),
        ("tests", True),
        ("smoke", True),
        ("reproduce", True),
    ]
    assert report.passed
    assert report.findings == ()
    assert [step.output_tail for step in report.steps[3:]] == ["42\n", "42\n"]
    assert report.steps[2].detail == "1 passed, 1 subtests passed"


def test_full_runs_all_of_reproduce(run) -> None:
    report = run(GOOD, "reproduce", mode="full")
    assert report.passed
    assert report.steps[-1].command == ("bash", "reproduce.sh")
    assert report.steps[-1].output_tail == "all\n"


def test_what_did_not_run_has_not_passed(run) -> None:
    report = run({"main.py": "print(1)\n", "reproduce.sh": "python main.py\n"})
    skipped = {step.step: step.skipped for step in report.steps if step.skipped}
    assert skipped == {
        "tests": "there are no tests",
        "smoke": "main.py has no --smoke",
        "reproduce": "reproduce.sh has no --smoke",
    }
    assert not report.passed
    assert not report.failures


def test_after_a_failed_import_nothing_else_is_tried(run) -> None:
    report = run({**GOOD, "model.py": "import no_such_package\n"})
    assert report.steps[1].failures
    assert [step.skipped for step in report.steps[2:]] == ["import failed"] * 3


@pytest.mark.parametrize(
    ("source", "kind", "line", "subject"),
    [
        ("import os\nimport torch_geometric\n", "package missing", 2, "torch_geometric"),
        ("from helper import nothing\n", "import error", 1, "nothing"),
        ("import helper.nothing\n", "import error", 1, "helper.nothing"),
        ("x = 1\ndef f(:\n", "syntax error", 2, "model.py"),
        ("import sys\nsys.exit(2)\n", "crash", 2, "SystemExit"),
        ("def f():\n    return undefined\nf()\n", "crash", 2, "NameError"),
        ("open('data/mnist.gz')\n", "data missing", 1, "data/mnist.gz"),
        ("open('/usr/x', 'w')\n", "forbidden", 1, "/usr/x"),
        ("import ctypes\nctypes.CDLL('libnowhere.so.7')\n", "system package missing", 2, "libnowhere.so.7"),
        ("import subprocess\nsubprocess.run(['nowhere-ffmpeg'])\n", "system package missing", 2, "nowhere-ffmpeg"),
        ("import urllib.request as r\nr.urlopen('http://example.org')\n", "network", 2, ""),
        ("import socket\nsocket.create_connection(('1.1.1.1', 80))\n", "network", 2, ""),
        ("import helper\nhelper.rise()\n", "crash", 2, "ValueError"),
        ("raise ExceptionGroup('both', [ValueError('a'), KeyError('b')])\n", "crash", 1, "ExceptionGroup"),
        ("x = bytearray(8 << 30)\n", "memory", 1, ""),
    ],
)
def test_a_module_that_cannot_be_imported(run, source: str, kind: Kind, line: int, subject: str) -> None:
    helper = "def rise():\n    raise ValueError('first line\\n  second line')\n"
    (failure,) = run({"model.py": source, "helper.py": helper}, "import").failures
    file = "helper.py" if "rise" in source else "model.py"
    assert (failure.kind, failure.file, failure.line, failure.subject) == (kind, file, line, subject)
    assert failure.finding.rule == f"execution-{kind.replace(' ', '-')}"
    assert failure.finding.file == file


def test_a_module_that_ends_the_interpreter_does_not_hide_the_others(run) -> None:
    files = {
        "a.py": "",
        "b.py": "import os, signal\nprint('before')\nos.kill(os.getpid(), signal.SIGSEGV)\n",
        "c.py": "import os\nos._exit(0)\n",
        "d.py": "import nowhere\n",
    }
    report = run(files, "import")
    assert [(f.kind, f.file) for f in report.failures] == [
        ("killed", "b.py"),
        ("crash", "c.py"),
        ("package missing", "d.py"),
    ]
    assert report.failures[0].message == "while b.py was imported: killed by SIGSEGV"
    assert report.failures[0].traceback == "before"
    assert report.steps[0].detail == "1 of 4 modules"


def test_a_module_that_works_while_it_is_imported_is_stopped(run) -> None:
    (failure,) = run({"a.py": "import time\ntime.sleep(1000)\n"}, "import", seconds=2).failures
    assert (failure.kind, failure.file) == ("timeout", "a.py")
    assert failure.message == "while a.py was imported: stopped after 2 seconds"


@pytest.mark.parametrize(
    "files",
    [
        {"src/main.py": "import helper\n", "src/helper.py": ""},
        {"src/package/a.py": "from package.b import B\n", "src/package/b.py": "B = 1\n"},
        {"package/a.py": "from .b import B\n", "package/b.py": "B = 1\n", "package/__init__.py": ""},
        {"package/__main__.py": "1 / 0\n", "package/x.py": "", "setup.py": "1 / 0\n", "two-words.py": "1 / 0\n"},
    ],
)
def test_modules_are_imported_as_their_programs_would(run, files: dict[str, str]) -> None:
    assert run(files, "import").passed


def test_each_failed_test_is_a_failure_of_its_own(run) -> None:
    tests = (
        "import pytest\nfrom model import double, broken\n\n"
        "def test_good():\n    assert double(1) == 2\n\n"
        "def test_wrong():\n    print('a line')\n    assert double(1) == 3, 'not 3'\n\n"
        "class TestMore:\n    def test_inner(self):\n        broken()\n\n"
        "@pytest.fixture\ndef missing():\n    return open('nowhere.csv')\n\n"
        "def test_with_fixture(missing):\n    pass\n"
    )
    model = f"{GOOD['model.py']}\ndef broken():\n    return {{}}['key']\n"
    files = {"model.py": model, "tests/test_model.py": tests, "tests/test_other.py": "import nowhere\n"}
    report = run(files, "tests")
    found = {(f.kind, f.file, f.line, f.subject) for f in report.failures}
    assert found == {
        ("test failure", "tests/test_model.py", 9, "test_wrong"),
        ("test failure", "model.py", 5, "TestMore.test_inner"),
        ("data missing", "tests/test_model.py", 17, "nowhere.csv"),
        ("package missing", "tests/test_other.py", 1, "nowhere"),
    }
    assert report.steps[0].detail == "2 failed, 1 passed, 2 errors"


def test_a_test_of_a_long_name_and_of_numbers_keeps_its_name_and_its_traceback(run) -> None:
    long = f"test_{'a_long_name_' * 7}"
    tests = (
        "import pytest\n\n\ndef test_first():\n    assert 'one' == 1\n\n\n"
        f"def {long}():\n    assert 'two' == 2\n\n\n"
        "class TestC:\n    @pytest.mark.parametrize('p', [0.4])\n"
        "    def test_it(self, p):\n        assert p == 'three'\n"
    )
    (step,) = run({"main.py": "", "tests/test_a.py": tests}, "tests").steps
    told = {failure.test.partition("::")[2]: failure.traceback.splitlines()[2].strip() for failure in step.failures}
    assert told == {
        "test_first": "assert 'one' == 1",
        long: "assert 'two' == 2",
        "TestC::test_it[0.4]": "assert p == 'three'",
    }


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        ("nowhere-program --x\n", "system package missing", "there is no program nowhere-program"),
        ("echo fine\nexit 3\n", "crash", "ended with exit code 3: fine"),
        ("kill -9 $$\n", "killed", "killed by SIGKILL"),
        ("python main.py --unknown 1>&2\n", "crash", "ended with exit code 2: main.py: error"),
        ("sleep 100\n", "timeout", "stopped after 2 seconds"),
    ],
)
def test_a_script_that_fails_without_a_traceback(run, script: str, kind: Kind, words: str) -> None:
    main = "import argparse\nargparse.ArgumentParser().parse_args()\n"
    (failure,) = run({"main.py": main, "reproduce.sh": script}, "reproduce", mode="full", seconds=2).failures
    assert failure.kind == kind
    assert failure.message.startswith(words)


def test_a_limit_is_told_from_a_crash(run) -> None:
    source = "import time\nx = bytearray(b'x') * (200 << 20)\ntime.sleep(100)\n"
    files = {"main.py": source, "reproduce.sh": "python main.py & python main.py & wait\n"}
    limits = Limits(memory_bytes=300 << 20)
    (failure,) = run(files, "reproduce", mode="full", limits=limits, seconds=60).failures
    assert (failure.kind, failure.message) == ("memory", f"stopped at more than {300 << 20} bytes of memory")


def test_a_repository_without_the_script_is_told_so(run) -> None:
    report = run({"a.py": ""}, "import", "reproduce", mode="full")
    assert [(f.kind, f.file) for f in report.failures] == [("not there", "reproduce.sh")]


@pytest.mark.parametrize(
    ("requirements", "line", "subject"),
    [
        ("pluggy\n# nothing\nno-such-package>=2\n", 3, "no-such-package"),
        ("pytest==0.0.1\n", 1, "pytest"),
        ("iniconfig\n--index-url https://evil.example\n", 2, ""),
    ],
)
def test_a_package_that_cannot_be_installed_is_named_with_its_line(
    run, requirements: str, line: int, subject: str
) -> None:
    report = run({"requirements.txt": requirements, "a.py": ""})
    (failure,) = report.failures
    assert (failure.kind, failure.file, failure.line) == ("package impossible", "requirements.txt", line)
    assert failure.subject == subject
    assert [step.skipped for step in report.steps[1:]] == ["install failed"] * 4


def test_an_index_that_cannot_be_reached_is_not_the_codes_fault(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    report = run({"requirements.txt": "no-such-package-anywhere\n", "a.py": ""}, "install")
    assert [failure.kind for failure in report.failures] == ["installer offline"]
    assert report.findings == ()
    assert not report.passed


def test_places_are_in_the_repository_alone(run) -> None:
    """A program can print what it likes; a file that it names is looked up among those that there are."""
    forged = (
        "import sys\nprint('Traceback (most recent call last):')\n"
        "print('  File \"/etc/passwd\", line 3, in f')\nprint('  File \"/repository/../x.py\", line 4, in f')\n"
        "print('ValueError: forged')\nsys.exit(1)\n"
    )
    (failure,) = run({"main.py": forged, "reproduce.sh": "python main.py"}, "reproduce", mode="full").failures
    assert (failure.file, failure.line) == ("", 0)
