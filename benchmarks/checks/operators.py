"""All defects by name."""

from benchmarks.checks.body_defects import BODIES
from benchmarks.checks.call_defects import CALLS
from benchmarks.checks.defect import Operator
from benchmarks.checks.design_defects import DESIGNS
from benchmarks.checks.import_defects import IMPORTS

OPERATORS: dict[str, Operator] = {**IMPORTS, **CALLS, **BODIES, **DESIGNS}
