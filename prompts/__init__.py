"""Prompts are files in this folder; this module fills them in.

Rendering is strict: a variable that a template needs and does not get raises.  Values are values: braces, fences or
instructions inside a paper are never template syntax.
"""

import hashlib
import types
import typing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union

import jinja2
from pydantic import BaseModel, JsonValue
from pydantic.fields import FieldInfo

if TYPE_CHECKING:
    from state.architecture import FileContract
    from state.artifacts import OpenChoice

FOLDER = Path(__file__).parent


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # a prompt is text, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"cite": cite, "choices": choices, "contract": contract, "oneline": oneline}
    return environment


def render(name: str, **values: Any) -> str:
    """The prompt file `name`.md with its variables filled in."""
    return _environment().get_template(f"{name}.md").render(**values)


def cite(sources: list[str]) -> str:
    """Passages after a statement, as prompts show them: ` [S3.2.p4, E4]`."""
    return f" [{', '.join(sources)}]" if sources else ""


def oneline(text: str) -> str:
    """The text on one line, as an item of a list."""
    return " ".join(text.split())


def choices(open_choices: "list[OpenChoice]") -> str:
    """What was decided where the paper is silent; empty if nothing was."""
    if not open_choices:
        return ""
    lines = [f"- {item.question} → {item.choice}" for item in open_choices]
    return "\nDecided where the paper is silent:\n" + "\n".join(lines) + "\n"


def contract(file: "FileContract") -> str:
    """A file's contract as prompts show it."""
    symbols = [
        f"- `{symbol.signature}`{' of ' + symbol.name.rpartition('.')[0] if '.' in symbol.name else ''}: "
        f"{symbol.purpose}{cite(symbol.source)}"
        for symbol in file.symbols
    ]
    return "\n".join([f"### `{file.path}`", file.purpose, *symbols])


def quoted(tag: str, text: str) -> str:
    """Foreign text between tags that it cannot close, because they carry a digest of the text itself."""
    mark = f"{tag}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    return f"<{mark}>\n{text.strip()}\n</{mark}>"


def prompts_digest() -> str:
    """One hash of all prompt files, for a run's manifest."""
    whole = hashlib.sha256()
    for file in sorted(FOLDER.rglob("*.md")):
        whole.update(file.relative_to(FOLDER).as_posix().encode() + file.read_bytes())
    return whole.hexdigest()[:16]


def describe(model: type[BaseModel]) -> str:
    """The form of a JSON answer, as commented JSON: shorter than a JSON Schema, and weak models follow it better."""
    return _object(model, "")


def _object(model: type[BaseModel], indent: str) -> str:
    inner = indent + "  "
    lines = [_field(name, field, inner) for name, field in model.model_fields.items()]
    return "{\n" + "\n".join(lines) + f"\n{indent}}}"


def _field(name: str, field: FieldInfo, indent: str) -> str:
    comment = f"  // {field.description}" if field.description else ""
    form = _form(field.annotation, indent)
    first, _, rest = form.partition("\n")
    if rest:  # the comment belongs beside the field's name, not after its last line
        return f'{indent}"{name}": {first}{comment}\n{rest},'
    return f'{indent}"{name}": {first},{comment}'


def _form(annotation: Any, indent: str) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is JsonValue:
        return "any JSON value"
    if origin is typing.Annotated:
        return _form(arguments[0], indent)
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in arguments)
    if origin in (Union, types.UnionType):
        return " | ".join(_form(argument, indent) for argument in arguments)
    if origin is list:
        return _list(arguments[0], indent)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _object(annotation, indent)
    return {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}[annotation]


def _list(item: Any, indent: str) -> str:
    if isinstance(item, type) and issubclass(item, BaseModel):
        return f"[\n{indent}  {_object(item, indent + '  ')}, …\n{indent}]"
    return f"[{_form(item, indent)}, …]"
