"""Ways in which a model's answer goes wrong: from a well-formed answer's text to another text.

A variant is for any answer, for JSON answers, for designs that list files or tasks, or for code.  `whole` says that
the full, correct answer is still in there for a careful reader; the others need another turn.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Edit = Callable[[str], str]
Json = dict[str, Any]
Kind = Literal["any", "json", "files", "tasks", "values", "code"]


@dataclass(frozen=True)
class Variant:
    """One way to go wrong."""

    kind: Kind
    edit: Edit
    whole: bool = False


VARIANTS: dict[str, Variant] = {}


def apply(name: str, text: str, frac: float = 0.5) -> str:
    """The text, gone wrong that way; `truncate` cuts it at a fraction of its length."""
    if name == "truncate":
        return text[: int(len(text) * frac)]
    return VARIANTS[name].edit(text)


def _add(kind: Kind, name: str, edit: Edit, *, whole: bool = False) -> None:
    VARIANTS[name] = Variant(kind, edit, whole)


# --- any answer

_add("any", "ok", lambda text: text, whole=True)
_add("any", "prose_before", lambda text: "Sure! Here is what you asked for:\n\n" + text, whole=True)
_add("any", "prose_after", lambda text: text + "\nLet me know if anything should change.", whole=True)
_add("any", "prose_around", lambda text: f"Sure!\n\n{text}\nLet me know if `anything` should change.", whole=True)
_add("any", "windows_newlines", lambda text: text.replace("\n", "\r\n"), whole=True)
_add("any", "byte_order_mark", lambda text: "\ufeff" + text, whole=True)
_add("any", "surrounding_space", lambda text: f"\n \n{text}\n\n \n", whole=True)
_add("any", "think_plain", lambda text: f"<think>\nFirst the easy part.\n</think>\n{text}", whole=True)
_add("any", "think_unclosed", lambda text: f"<think>\n{text}")
_add("any", "think_only", lambda text: "<think>\nI should answer now.\n</think>\n")
_add("any", "truncated_half", lambda text: text[: len(text) // 2])
_add("any", "truncated_tail", lambda text: text[:-60])
_add("any", "prose_only", lambda text: "I cannot produce this without more information about the paper.")
_add("any", "empty", lambda text: "")
_add("any", "white_space", lambda text: " \n\n ")
_add("any", "wrong_json", lambda text: json.dumps({"status": "ok", "items": [1, 2, 3]}))


# --- JSON answers: the wrapping and the syntax


def _body(text: str) -> str:
    return re.sub(r"\A```json\n|\n```\n\Z", "", text)


def _load(text: str) -> Json:
    loaded = json.loads(_body(text))
    if not isinstance(loaded, dict):
        raise ValueError("this variant is for answers that are a JSON object")
    return loaded


def _fence(body: str) -> str:
    return f"```json\n{body}\n```\n"


def _in_strings(replacement: str) -> Edit:
    """Replaces a phrase that every design contains."""
    return lambda text: text.replace("the defaults of", replacement, 1)


_FAKE = _fence('{"values": [], "files": [], "tasks": [], "summary": "a draft"}')

_add("json", "compact_one_line", lambda text: _fence(json.dumps(_load(text))), whole=True)
_add("json", "no_fence", lambda text: _body(text) + "\n", whole=True)
_add("json", "fence_without_language", lambda text: text.replace("```json", "```", 1), whole=True)
_add("json", "fence_upper_case", lambda text: text.replace("```json", "```JSON", 1), whole=True)
_add("json", "tilde_fence", lambda text: text.replace("```", "~~~"), whole=True)
_add("json", "content_tags", lambda text: f"[CONTENT]\n{_body(text)}\n[/CONTENT]", whole=True)
_add("json", "content_and_fence", lambda text: f"[CONTENT]\n{text}[/CONTENT]", whole=True)
_add("json", "unterminated_fence", lambda text: text.removesuffix("```\n"), whole=True)
_add("json", "think_fake_answer", lambda text: f"<think>\nPerhaps:\n{_FAKE}</think>\n{text}", whole=True)
_add("json", "two_blocks", lambda text: f"{text}\n{text}", whole=True)
_add("json", "draft_then_final", lambda text: f"A first draft:\n\n{_FAKE}\nThe final version:\n\n{text}", whole=True)
_add("json", "fence_in_string", _in_strings("```json {} ``` of"), whole=True)
_add("json", "text_with_hash_in_string", _in_strings("'a', # then b; // and"), whole=True)
_add("json", "trailing_comma_list", lambda text: re.sub(r'([\]}"])\n(\s*)\]', r"\1,\n\2]", text))
_add("json", "trailing_comma_object", lambda text: text.replace("\n}\n```", ",\n}\n```"))
_add("json", "hash_comments", lambda text: re.sub(r"(\[|,)\n", r"\1  # as in the paper" + "\n", text, count=3))
_add("json", "slash_comments", lambda text: re.sub(r"(\[|,)\n", r"\1  // as in the paper" + "\n", text, count=3))
_add("json", "single_quotes", lambda text: _fence(repr(_load(text))))
_add("json", "raw_newline_in_string", _in_strings("the\ndefaults of"))
_add("json", "bad_escape", _in_strings(r"the \defaults \d+ of"))
_add("json", "unescaped_quotes", _in_strings('the "defaults" of'))
_add("json", "ellipsis", lambda text: re.sub(r"\},\n", "},\n...\n", text, count=1))
_add("json", "empty_object", lambda text: _fence("{}"))
_add("json", "null", lambda text: _fence("null"))
_add("json", "json_array", lambda text: _fence("[1, 2, 3]"))
_add("json", "deep_nesting", lambda text: _fence("[" * 100_000))
_add(
    "json",
    "schema_echoed",
    lambda text: _fence(json.dumps({"type": "object", "properties": {"files": {"type": "array"}}})),
)


# --- JSON answers: the content


def _edit(change: Callable[[Json], Json]) -> Edit:
    return lambda text: _fence(json.dumps(change(_load(text)), indent=2, ensure_ascii=False))


def _map(key: str, change: Callable[[list[Any]], Any]) -> Edit:
    """Changes the list under a key, which the answer must have."""
    return _edit(lambda loaded: loaded | {key: change(loaded[key])})


def _drop(key: str) -> Edit:
    """Leaves out a key, which the answer must have."""

    def without(loaded: Json) -> Json:
        del loaded[key]
        return loaded

    return _edit(without)


_add("json", "wrapped_in_a_key", _edit(lambda loaded: {"answer": loaded}))
_add(
    "json",
    "keys_title_case",
    _edit(lambda loaded: {key.replace("_", " ").title(): loaded[key] for key in loaded}),
    whole=True,
)
_add(
    "files",
    "keys_camel_case",
    _edit(lambda loaded: {re.sub(r"_(\w)", lambda m: m[1].upper(), k): loaded[k] for k in loaded}),
    whole=True,
)
_add("json", "extra_key", _edit(lambda loaded: loaded | {"confidence": "high"}), whole=True)
_add("json", "all_null", _edit(dict.fromkeys))
_add("json", "all_strings", _edit(lambda loaded: {key: str(value) for key, value in loaded.items()}))

_add("files", "files_missing", _drop("files"))
_add("files", "files_empty", _map("files", lambda files: []))
_add("files", "files_of_strings", _map("files", lambda files: [file["path"] for file in files]))
_add("files", "files_one_string", _map("files", lambda files: ", ".join(file["path"] for file in files)))
_add("files", "files_as_map", _map("files", lambda files: {file["path"]: file for file in files}))
_add("files", "file_twice", _map("files", lambda files: [*files, files[0]]))
_add(
    "files", "path_key_renamed", _map("files", lambda files: [{"file": file["path"], "purpose": ""} for file in files])
)
_add("files", "entry_point_missing", _drop("entry_point"))
_add(
    "files",
    "entry_point_unlisted",
    _edit(lambda loaded: loaded | {"files": loaded["files"], "entry_point": "run_all.py"}),
)
_add("files", "symbols_of_strings", _map("files", lambda files: [file | {"symbols": ["build"]} for file in files]))

_add("tasks", "tasks_missing", _drop("tasks"))
_add("tasks", "tasks_empty", _map("tasks", lambda tasks: []))
_add("tasks", "tasks_of_strings", _map("tasks", lambda tasks: [task["path"] for task in tasks]))
_add("tasks", "tasks_one_string", _map("tasks", lambda tasks: ", ".join(task["path"] for task in tasks)))
_add("tasks", "tasks_as_map", _map("tasks", lambda tasks: {task["path"]: task["logic"] for task in tasks}))
_add("tasks", "task_twice", _map("tasks", lambda tasks: [*tasks, tasks[0]]))
_add("tasks", "task_omitted", _map("tasks", lambda tasks: tasks[:-1]))
_add(
    "tasks",
    "task_invented",
    _map("tasks", lambda tasks: [*tasks, {"path": "invented.py", "depends_on": [], "logic": "-"}]),
)
_add(
    "tasks",
    "logic_missing",
    _map("tasks", lambda tasks: [{k: task[k] for k in ("path", "depends_on")} for task in tasks]),
)
_add("tasks", "depends_on_string", _map("tasks", lambda tasks: [task | {"depends_on": "utils.py"} for task in tasks]))
_add("tasks", "depends_on_unknown", _map("tasks", lambda tasks: [tasks[0] | {"depends_on": ["numpy"]}, *tasks[1:]]))
_add(
    "tasks",
    "depends_on_itself",
    _map("tasks", lambda tasks: [tasks[0] | {"depends_on": [tasks[0]["path"]]}, *tasks[1:]]),
)
_add("tasks", "cycle", _map("tasks", lambda tasks: [tasks[0] | {"depends_on": [tasks[-1]["path"]]}, *tasks[1:]]))

_add("values", "values_missing", _drop("values"))
_add("values", "values_as_map", _map("values", lambda values: {value["key"]: value["value"] for value in values}))
_add("values", "key_twice", _map("values", lambda values: [*values, values[0]]))
_add(
    "values",
    "key_below_a_value",
    _map("values", lambda values: [*values, values[0] | {"key": values[0]["key"] + ".deeper"}]),
)
_add("values", "key_not_dotted", _map("values", lambda values: [values[0] | {"key": "training[0]/rate"}, *values[1:]]))
_add(
    "values", "source_missing", _map("values", lambda values: [{"key": v["key"], "value": v["value"]} for v in values])
)


# --- paths that must never be written

HOSTILE_PATHS = {
    "path_absolute": "/etc/cron.d/model.py",
    "path_home": "~/model.py",
    "path_parent": "../outside.py",
    "path_parent_inside": "src/../../outside.py",
    "path_dot": "./src/model.py",
    "path_backslash": "..\\outside.py",
    "path_drive": "C:/Users/model.py",
    "path_unc": "//server/share/model.py",
    "path_device": "aux.py",
    "path_nul": "model\x00.py",
    "path_newline": "model\n.py",
    "path_too_long": "deep/" * 60 + "model.py",
    "path_part_too_long": "m" * 300 + ".py",
    "path_git": ".git/config",
    "path_git_upper_case": ".GIT/hooks/pre-commit",
    "path_empty": "",
    "path_trailing_dot": "model.py.",
    "path_invisible": "mo\u200bdel.py",
    "path_right_to_left": "model\u202eyp.py",
    "path_surrogate": "model\ud800.py",
    "path_stream": "model.py:hidden",
    "path_wildcard": "*.py",
}


def _listing(path: Callable[[list[Json]], str]) -> Edit:
    return _map("files", lambda files: [*files, files[0] | {"path": path(files)}])


def _hostile(path: str) -> Edit:
    edit = _listing(lambda files: path)
    # JSON carries a lone surrogate only as an escape.
    return lambda text: edit(text).replace("\ud800", "\\ud800")


for _name, _path in HOSTILE_PATHS.items():
    _add("files", _name, _hostile(_path))
_add("files", "path_case_collision", _listing(lambda files: files[0]["path"].upper()))
_add("files", "path_file_and_folder", _listing(lambda files: files[0]["path"] + "/inner.py"))
_add("files", "path_reserved", _listing(lambda files: "README.md"), whole=True)


# --- code


def _source(text: str) -> str:
    return re.sub(r"\AFILE: .*\n\n```python\n|```\n\Z", "", text)


def _announced(text: str) -> str:
    return re.sub(r"\AFILE: ", "", text.split("\n", 1)[0])


def _file(path: str, source: str, fence: str = "```", language: str = "python") -> str:
    return f"FILE: {path}\n\n{fence}{language}\n{source}{fence}\n"


def _code(change: Callable[[str, str], str]) -> Edit:
    """An edit that takes the announced path and the source."""

    def edit(text: str) -> str:
        if not re.match(r"FILE: .*\n\n```python\n", text):
            raise ValueError("this variant is for code answers")
        return change(_announced(text), _source(text))

    return edit


def _renamed(path: str) -> Edit:
    return _code(lambda _, source: _file(path, source))


_EXAMPLE = '"""Use it so:\n\n```python\nfrom main import build\nbuild().run()\n```\n"""\n'
_SNIPPET = "```python\nbuild().run()\n```\n"

_add("code", "code_no_fence", _code(lambda path, source: f"FILE: {path}\n\n{source}"), whole=True)
_add("code", "code_only", _code(lambda path, source: source), whole=True)
_add("code", "code_fence_without_language", _code(lambda path, source: _file(path, source, language="")), whole=True)
_add("code", "code_fence_py", _code(lambda path, source: _file(path, source, language="py")), whole=True)
_add("code", "code_tilde_fence", _code(lambda path, source: _file(path, source, fence="~~~")), whole=True)
_add("code", "code_path_in_fence", _code(lambda path, source: f"```python {path}\n{source}```\n"), whole=True)
_add(
    "code",
    "code_path_bold",
    _code(lambda path, source: "**" + _file(path, source).replace("\n", "**\n", 1)),
    whole=True,
)
_add("code", "code_path_quoted", _code(lambda path, source: _file(f"`{path}`", source)), whole=True)
_add("code", "code_no_path", _code(lambda path, source: f"```python\n{source}```\n"), whole=True)
_add("code", "code_unterminated_fence", _code(lambda path, source: f"FILE: {path}\n\n```python\n{source}"), whole=True)
_add("code", "code_nested_fences", _code(lambda path, source: _file(path, _EXAMPLE + source)), whole=True)
_add("code", "code_nested_longer_fence", _code(lambda path, source: _file(path, _EXAMPLE + source, "````")), whole=True)
_add(
    "code", "code_example_after", _code(lambda path, source: f"{_file(path, source)}\nUsage:\n\n{_SNIPPET}"), whole=True
)
_add(
    "code",
    "code_example_before",
    _code(lambda path, source: f"Usage:\n\n{_SNIPPET}\n{_file(path, source)}"),
    whole=True,
)
_add("code", "code_shell_after", _code(lambda p, s: f"{_file(p, s)}\nRun:\n\n```bash\npython {p}\n```\n"), whole=True)
_add("code", "code_two_blocks", _code(lambda path, source: f"{_file(path, source)}\n{_file(path, source)}"), whole=True)
_add(
    "code",
    "code_two_files",
    _code(lambda p, s: f"{_file(p, s)}\n{_file('extra.py', 'EXTRA = 1' + chr(10))}"),
    whole=True,
)
_add(
    "code",
    "code_think_fake_answer",
    _code(lambda p, s: f"<think>\n{_file(p, 'WRONG = 1' + chr(10))}</think>\n{_file(p, s)}"),
    whole=True,
)
_add("code", "code_wrong_path", _renamed("somewhere/else.py"))
_add("code", "code_path_parent", _renamed("../outside.py"))
_add("code", "code_path_absolute", _renamed("/etc/cron.d/model.py"))
_add("code", "code_in_json", _code(lambda path, source: json.dumps({"path": path, "code": source})))
_add("code", "code_as_diff", _code(lambda p, s: _file(p, re.sub(r"^", "+", s, flags=re.MULTILINE), language="diff")))
_add(
    "code",
    "code_syntax_error",
    _code(lambda path, source: _file(path, source.replace("):\n", ")\n", 1).replace(":\n", "\n", 3))),
)
_add(
    "code",
    "code_placeholder",
    _code(lambda path, source: _file(path, source[:400] + "\n# ... the rest stays as it is\n")),
)
_add("code", "code_empty_block", _code(lambda path, source: _file(path, "")))
