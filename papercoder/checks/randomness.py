"""Random numbers that no seed of config.yaml reaches."""

import ast
from collections.abc import Iterator

from papercoder.checks.module import Module, dotted
from papercoder.checks.rules import finding
from state.review import Finding

_DRAWS = (
    "rand randn randint random random_sample ranf sample normal standard_normal uniform choice shuffle permutation "
    "binomial poisson exponential beta gamma dirichlet multinomial multivariate_normal laplace"
)
GLOBAL_DRAWS = frozenset(f"{module}.random.{draw}" for module in ("np", "numpy") for draw in _DRAWS.split())
GENERATORS = frozenset(
    f"{module}.random.{maker}" for module in ("np", "numpy") for maker in ("default_rng", "RandomState", "SeedSequence")
) | {"random.Random", "default_rng", "RandomState"}


def unseeded_randomness(module: Module) -> Iterator[Finding]:
    """Draws from numpy's global state, and generators that are made without a seed."""
    if module.is_test:
        return
    for node in module.nodes:
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        if name in GLOBAL_DRAWS:
            text = f"{name} draws from numpy's global state."
            yield finding("unseeded-randomness", module.path, text, line=node.lineno)
        elif name in GENERATORS and not node.args and not node.keywords:
            text = f"{name}() is made without a seed."
            yield finding("unseeded-randomness", module.path, text, line=node.lineno)
