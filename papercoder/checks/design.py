"""What code is held against: the artifacts of the design, as far as they are there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from papercoder.checks.tree import config_tree
from state.architecture import Architecture, FileContract
from state.configuration import Configuration
from state.logic import LogicDesign
from state.plan import Plan
from state.requirements import Specification


@dataclass(frozen=True)
class Design:
    """A check whose artifact is missing finds nothing.

    `anchors` are the ids of the paper's passages.
    """

    architecture: Architecture | None = None
    logic: LogicDesign | None = None
    configuration: Configuration | None = None
    plan: Plan | None = None
    anchors: Collection[str] = ()
    specification: Specification | None = None

    @cached_property
    def requirements(self) -> frozenset[str]:
        """The ids of the requirements (`R7`)."""
        return frozenset(self.specification.ids if self.specification else ())

    def contract(self, path: str) -> FileContract | None:
        files = self.architecture.files if self.architecture else []
        return next((file for file in files if file.path == path), None)

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """`config.yaml` as the program reads it; empty without a configuration."""
        return config_tree(self.configuration) if self.configuration else {}
