"""What comes from outside: planned with a stand-in, fetched from nowhere else, and told from the real thing."""

import ast
import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from papercoder.checks.design import Design
from papercoder.checks.module import Module
from papercoder.checks.rules import finding
from state.plan import Plan
from state.review import Finding

STAND_IN = "stand_in"
"""The key in results.json that names what a number was measured with instead of the real thing."""
ADDRESS = re.compile(r"(?:https?|ftp)://[^\s\"'<>)\]}]+")
_FROM_OUTSIDE = re.compile(r"\b(?:data ?sets?|corpus|corpora|pre-?trained|download\w*)\b", re.IGNORECASE)
_OWN = re.compile(r"\bsynthetic|\bsimulat|\bgenerated\b|\bdrawn\b|\bsampled\b|\btoy\b", re.IGNORECASE)
_HARMLESS = re.compile(r"(?:www\.)?w3\.org|localhost|127\.0\.0\.1|(?:[\w-]+\.)*example\.(?:com|org)")
SHOWN = 80


def planned_resources(plan: Plan) -> Iterator[Finding]:
    """Resources without a stand-in, and data that comes from outside without being a resource."""
    for resource in plan.resources:
        if resource.available != "package" and not resource.stand_in.strip():
            text = f"{resource.name} does not come with a package, and nothing stands in for it."
            yield finding("missing-stand-in", "", text, location=resource.name)
    foreign = [i.what for i in plan.data if _FROM_OUTSIDE.search(i.what) and not _OWN.search(i.what)]
    if foreign and not plan.resources:
        text = f"`resources` is empty, and the data come from somewhere: {foreign[0][:SHOWN]}"
        yield finding("missing-resource", "", text, location="resources")


def addresses(text: str) -> list[str]:
    """What is written as one, without the full stop behind it."""
    return [found.rstrip(".,;:") for found in ADDRESS.findall(text)]


def unplanned_addresses(module: Module, design: Design) -> Iterator[Finding]:
    """Addresses in the code on hosts that no resource of the plan names: nobody has seen that they exist."""
    if not design.plan or module.is_test:
        return
    known = {_host(found) for resource in design.plan.resources for found in addresses(resource.origin)}
    for node in module.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in module.docstrings:
            for address in addresses(node.value):
                if _host(address) not in known and not _HARMLESS.fullmatch(_host(address)):
                    text = f"{address[:SHOWN]} is in the code, and no resource of the plan comes from there."
                    yield finding("unplanned-address", module.path, text, line=node.lineno)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or address
    except ValueError:  # brackets that are no IPv6 address
        return address


def unmarked_stand_ins(modules: Iterable[Module], design: Design) -> Iterator[Finding]:
    """A repository that may use stand-ins and never says so in its results."""
    plan = design.plan
    if not plan or not design.architecture or all(resource.available == "package" for resource in plan.resources):
        return
    texts = (node.value for module in modules for node in module.nodes if isinstance(node, ast.Constant))
    if STAND_IN not in texts:
        entry = design.architecture.entry_point
        yield finding("unmarked-stand-in", entry, f"No entry of results.json gets the key {STAND_IN!r}.")
