"""The forms that option values have: each says what is allowed when it refuses one."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import click

from papercoder.cli.names import DEFAULT_MODEL, ROLES

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # takes no parameter in click 8.1

_FACTORS = {"k": 1_000, "m": 1_000_000}


class Dollars(ParamType):
    """`2.50` or `$2.50`."""

    name = "dollars"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        amount = _number(str(value).strip().removeprefix("$"))
        if amount is None or amount <= 0:
            self.fail(f"{value!r} is not an amount of dollars above 0, for example 2.50", param, ctx)
        return amount


class Tokens(ParamType):
    """`200000`, `200_000`, `200k` or `1.5M`."""

    name = "tokens"

    def __init__(self, least: int = 1) -> None:
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip().lower()
        factor = _FACTORS.get(text[-1:], 1)
        amount = _number(text.rstrip("km") if factor > 1 else text)
        if amount is None or amount * factor < self.least:
            self.fail(f"{value!r} is not a number of tokens ≥ {self.least:,}, e.g. 200000, 200k, 1.5M", param, ctx)
        return round(amount * factor)


class Stages(ParamType):
    """`planning,architecture`, `all` or `none`, of the stages that have something."""

    name = "stages"

    def __init__(self, known: Sequence[str], something: str) -> None:
        self.known = known
        self.something = something

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        if isinstance(value, list):
            return value
        names = [name.strip().lower() for name in str(value).split(",") if name.strip()]
        if names in (["all"], ["none"]):
            return list(self.known) if names == ["all"] else []
        if unknown := [name for name in names if name not in self.known]:
            among = ", ".join(self.known)
            self.fail(f"{unknown[0]!r} has no {self.something}; choose among {among}, all and none", param, ctx)
        return [stage for stage in self.known if stage in names]


class Price(ParamType):
    """`IN,OUT` or `IN,CACHED,OUT`; without a price for cached tokens they cost what others do."""

    name = "price"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        if isinstance(value, tuple):
            return value
        amounts = [_number(part.strip().removeprefix("$")) for part in str(value).split(",")]
        known = [amount for amount in amounts if amount is not None and amount >= 0]
        if len(known) != len(amounts) or len(known) not in (2, 3):
            self.fail(f"{value!r} is not IN,OUT or IN,CACHED,OUT in $ per million tokens, e.g. 0.25,2", param, ctx)
        return known[0], known[-2], known[-1]


class Model(ParamType):
    """`PROVIDER:NAME`."""

    name = "model"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).strip()
        provider, _, name = text.partition(":")
        if not provider or not name:
            hint = f"openai:{text}" if text.strip(":") else DEFAULT_MODEL
            self.fail(f"{text!r} is not PROVIDER:NAME, for example {hint}, or replay:FOLDER", param, ctx)
        if provider == "replay" and not Path(name).is_dir():
            self.fail(f"there is no folder {name!r} with recorded answers", param, ctx)
        return text


class RoleModel(ParamType):
    """`ROLE=PROVIDER:NAME`."""

    name = "role_model"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        role, equals, model = str(value).partition("=")
        role = role.strip().lower().replace("-", " ").replace("_", " ")
        if not equals:
            self.fail(f"{value!r} is not ROLE=PROVIDER:NAME, for example coder={DEFAULT_MODEL}", param, ctx)
        if role not in ROLES:
            self.fail(f"there is no role {role!r}; the roles are {', '.join(ROLES)}", param, ctx)
        return role, Model().convert(model, param, ctx)


class BaseUrl(ParamType):
    """`http(s)://host/…`, without a password in it: the address is stored with the run and shown."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        parts = urlsplit(str(value).strip())
        if parts.username or parts.password or parts.query:
            self.fail("keys do not belong into an address: put them into OPENAI_API_KEY", param, ctx)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            self.fail(f"{value!r} is not an address such as http://localhost:8000/v1", param, ctx)
        return parts.geturl()


class Paper(click.Path):
    """A paper that exists; names similar files if it does not.  With `addresses`, an arXiv id or https address too."""

    def __init__(self, *, addresses: bool = False) -> None:
        super().__init__(path_type=Path)
        self._addresses = addresses

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        text = str(value)
        path = Path(text)
        if path.exists():
            return path
        if self._addresses and (named := _address(text, lambda reason: self.fail(reason, param, ctx))):
            return named
        self.fail(_missing(text, path), param, ctx)


def _address(text: str, fail: Callable[[str], NoReturn]) -> str:
    """What names a paper elsewhere, in its shortest form; empty for a path."""
    from papercoder.documents.addresses import address, is_address
    from papercoder.documents.errors import DocumentError

    try:
        return str(address(text)) if is_address(text) else ""
    except DocumentError as error:
        fail(str(error))


def _missing(text: str, path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no folder {str(path.parent)!r}"
    names = {name.lower(): name for name in sorted(entry.name for entry in path.parent.iterdir())}
    close = get_close_matches(path.name.lower(), names, n=3, cutoff=0.5)
    hint = ", ".join(str(path.with_name(names[name])) for name in close)
    return f"there is no file {text!r}" + (f"; did you mean {hint}?" if hint else "")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
