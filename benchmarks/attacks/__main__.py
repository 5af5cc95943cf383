"""`python -m benchmarks.attacks`: attack × containment, held or not."""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from benchmarks.attacks.attack import Outcome, carry_out
from benchmarks.attacks.host import host
from benchmarks.attacks.installation import INSTALLATION, carry_out_installation
from benchmarks.attacks.resources import RESOURCES
from benchmarks.attacks.walls import WALLS
from benchmarks.tables import table
from papercoder.sandbox import Sandbox, SandboxUnavailable, find_sandbox

MARKS = {True: "✓ {}", False: "✗", None: "–"}
NAMES = ("bubblewrap", "landlock", "none")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sandbox", nargs="+", default=NAMES, metavar="NAME")
    parser.add_argument("--attack", default="", help="only those whose name contains this")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    found = {}
    for name in options.sandbox:
        try:
            sandbox = find_sandbox(name)
        except SandboxUnavailable as unavailable:
            print(unavailable)
            continue
        found[sandbox.name] = list(attacked(sandbox, options.attack))
    if options.json:
        print(json.dumps({name: [asdict(outcome) for outcome in outcomes] for name, outcomes in found.items()}))
    else:
        print(f"as {'root' if os.geteuid() == 0 else 'an ordinary user'}; ✓ held, ✗ not")
        print(table(["attack", *found], [list(row) for row in rows(found)]))


def attacked(sandbox: Sandbox, like: str = "") -> Iterator[Outcome]:
    """Each attack on a machine of its own."""
    for attack in (*RESOURCES, *WALLS):
        if like in attack.name:
            if attack.contained_only and sandbox.name == find_sandbox("none").name:
                yield Outcome(attack.name, None, "not tried", 0)
                continue
            with host() as machine:
                yield carry_out(attack, sandbox, machine)
    if any(like in name for name in INSTALLATION):
        with host() as machine:
            yield from (outcome for outcome in carry_out_installation(sandbox, machine) if like in outcome.attack)


def rows(found: dict[str, list[Outcome]]) -> Iterator[tuple[str, ...]]:
    for together in zip(*found.values(), strict=True):
        yield (together[0].attack, *(MARKS[one.held].format(one.by).strip() for one in together))


if __name__ == "__main__":
    main()
