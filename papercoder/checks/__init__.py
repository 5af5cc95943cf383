"""Static verification of generated code: what can be said without running it and without its packages installed.

`check_file` looks at one file, with the files it may import beside it; `check_repository` at all of them together;
`check_design` at the artifacts, `check_stage` at what one of their authors can mend.  Each gives findings in a fixed
order: by file, line and rule.
"""

from papercoder.checks.artifacts import Stage
from papercoder.checks.checking import check_design, check_file, check_repository, check_stage, imported_packages
from papercoder.checks.design import Design
from papercoder.checks.rules import RULES, Rule

__all__ = [
    "RULES",
    "Design",
    "Rule",
    "Stage",
    "check_design",
    "check_file",
    "check_repository",
    "check_stage",
    "imported_packages",
]
