"""What the simulated guide says: three passages, the scores that carry them out, and checks that hold."""

from collections.abc import Sequence
from itertools import cycle

from benchmarks.simulator.project import Project, ProjectFile, stable_int

PASSAGES = 3


def walkthrough(project: Project, anchors: Sequence[str], *, wrong: bool = False) -> str:
    """A section a file.  The first check of a `wrong` one asserts what is not so."""
    files = project.files[:PASSAGES]
    sections = [
        _section(file, anchor, expected=4.0 if wrong and file is files[0] else 3.0)
        for file, anchor in zip(files, cycle(anchors), strict=False)
    ]
    return "\n\n".join(sections) + "\n"


def _section(file: ProjectFile, anchor: str, expected: float) -> str:
    divisor = 1 + stable_int(file.name, 9)
    return f"""## The score of {file.name.replace("_", " ")}

PAPER: {anchor}
CODE: {file.path}::{file.class_name}.score, {file.path}::build

`score` is the scaled sum: $\\alpha$ is one over {divisor}, and the samples are `values`.

```python
from {file.module} import {file.class_name}

score = {file.class_name}().score([1.0, 2.0])
print(score)
assert abs(score * {divisor} - {expected}) < 1e-9  # 1 + 2
```"""
