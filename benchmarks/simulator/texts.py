"""The text of the synthetic project: prose of a given length, analyses and Python files that run.

All text is a function of the file's name only (no clock, no random state), so two clients that ask for the same
file get the same answer and the same number of tokens.
"""

from benchmarks.simulator.defaults import SETTINGS
from benchmarks.simulator.project import Project, ProjectFile, stable_int

PROSE_CHARACTERS_PER_TOKEN = 5.07
CODE_CHARACTERS_PER_TOKEN = 4.0

_SENTENCES = (
    "The {cls} component reads {key} from config.yaml and never falls back to a value the paper does not state.",
    "Inputs arrive as batches with a leading batch axis, and {cls} keeps that axis untouched so that "
    "{dep} can rely on it.",
    "When the paper is silent about {topic}, the module exposes it as an explicit argument with a documented default.",
    "Numerical stability matters for {topic}: intermediate sums stay in single precision and the result is "
    "checked for NaN.",
    "The public interface is limited to the methods listed in the class diagram; helpers carry a leading underscore.",
    "{cls} must not import from a later stage, which keeps the dependency graph acyclic and the import order obvious.",
    "Shapes are asserted at the boundary, because a silent broadcast in {topic} would change the reported metric.",
    "The schedule for {topic} follows the warm-up described in the training section and is a pure function of the "
    "step.",
    "Errors are raised early with the offending value in the message, so a wrong {key} fails before the first step.",
    "For reproducibility the random state used by {topic} is created once from the seed and passed down explicitly.",
    "Evaluation uses the averaged checkpoint, so {cls} keeps its state in a plain dictionary that can be averaged.",
    "The memory footprint grows linearly with the number of tokens in a batch, therefore batches are formed by length.",
)
_TOPICS = (
    "label smoothing",
    "learning-rate warm-up",
    "residual dropout",
    "sequence masking",
    "byte-pair merging",
    "gradient clipping",
    "checkpoint averaging",
    "beam pruning",
    "weight tying",
    "batch packing",
    "positional signals",
    "length normalisation",
)
_KEYS = (
    "training.learning_rate",
    "training.batch_size",
    "training.warmup_steps",
    "model.d_model",
    "model.num_heads",
    "model.dropout",
    "data.max_length",
    "eval.beam_size",
)


def prose(
    seed: str, characters: int, subject: str = "The system", user: str = "the caller", heading: str = "Step"
) -> str:
    """Bullets under headings, at least so many characters."""
    lines: list[str] = []
    while sum(map(len, lines)) < characters:
        number = len(lines)
        lines.append(_bullet(seed, number, subject, user) if number % 6 else _heading(seed, number, heading))
    return "".join(lines)


def line(seed: str, characters: int, subject: str = "The system") -> str:
    """Prose on one line, cut to so many characters."""
    return " ".join(prose(seed, characters, subject)[:characters].split())


def analysis_text(file: ProjectFile, project: Project) -> str:
    """The logic analysis of a file, in Markdown."""
    imports = project.imports(file)
    names = ", ".join(other.path for other in imports) or "no other project file"
    head = f"# Logic analysis: {file.path}\n\n`{file.class_name}` depends on {names}.\n"
    user = imports[0].class_name if imports else "its caller"
    size = int(file.analysis_tokens * PROSE_CHARACTERS_PER_TOKEN) - len(head)
    return head + prose("an" + file.name, size, file.class_name, user, "Part")


def within(text: str, words: int) -> str:
    """The text's first lines, up to so many words; all of it where `words` is 0."""
    kept, used = [], 0
    for row in text.splitlines(keepends=True):
        used += len(row.split())
        if words and used > words:
            break
        kept.append(row)
    return "".join(kept)


def code_text(file: ProjectFile, project: Project, unread: str = "") -> str:
    """The file's Python source: standard library only; `python main.py` runs the whole project.

    `unread` is a setting that the entry point forgets.
    """
    tail = _BUILD.format(cls=file.class_name) + (_main(unread) if file.name == "main" else "")
    want = int(file.code_tokens * CODE_CHARACTERS_PER_TOKEN) - len(tail)
    text = _head(file, project.imports(file))
    for number in range(want):
        if len(text) >= want:
            break
        text += _method(file.name, number)
    return text + tail


def _heading(seed: str, number: int, heading: str) -> str:
    return f"\n{heading} {number // 6 + 1}: {_TOPICS[stable_int(f'{seed}h{number}', len(_TOPICS))]}\n"


def _bullet(seed: str, number: int, subject: str, user: str) -> str:
    sentence = _SENTENCES[stable_int(f"{seed}s{number}", len(_SENTENCES))]
    topic = _TOPICS[stable_int(f"{seed}t{number}", len(_TOPICS))]
    key = _KEYS[stable_int(f"{seed}k{number}", len(_KEYS))]
    return "- " + sentence.format(cls=subject, dep=user, topic=topic, key=key) + "\n"


def _main(unread: str) -> str:
    """The entry point reads every setting but one, so that none is defined in vain."""
    keys = [key for key, _, _ in SETTINGS if key != unread]
    reads = [(key, "".join(f'["{part}"]' for part in key.split("."))) for key in keys]
    return _MAIN.replace("{settings}", "".join(f'        "{key}": config{path},\n' for key, path in reads))


def _head(file: ProjectFile, imports: list[ProjectFile]) -> str:
    return _HEAD.format(
        path=file.path,
        cls=file.class_name,
        level=file.level,
        name=file.name,
        words=file.name.replace("_", " "),
        imports="".join(f"from {other.module} import build as build_{other.name}\n" for other in imports),
        parts="".join(f'            "{other.name}": build_{other.name}(),\n' for other in imports),
        divisor=1 + stable_int(file.name, 9),
    )


def _method(name: str, number: int) -> str:
    kind = stable_int(f"{name}m{number}", len(_METHODS))
    return (
        _METHODS[kind].format(
            m=f"{_VERBS[kind]}_{number}",
            a=2 + stable_int(f"{name}a{number}", 9),
            b=f"0.{1 + stable_int(f'{name}b{number}', 9)}",
            topic=_TOPICS[stable_int(f"{name}q{number}", len(_TOPICS))],
        )
        + "\n"
    )


_HEAD = '''## {path}
"""{cls}: generated module of the simulated project (level {level})."""

from __future__ import annotations

import functools
import json
import math
from typing import Any, Dict, Iterator, List, Optional, Sequence

{imports}

class {cls}:
    """Implements the {words} part of the paper; settings come from config.yaml."""

    def __init__(self, config: Optional[Dict[str, Any]] = None) -> None:
        self.config: Dict[str, Any] = dict(config or {{}})
        self.parts: Dict[str, Any] = {{
{parts}        }}

    def run(self, values: Sequence[float] = (0.1, 0.2, 0.3)) -> Dict[str, float]:
        """Run every part this module depends on and add its own score."""
        metrics: Dict[str, float] = {{}}
        for name, part in self.parts.items():
            metrics[name] = part.score(values)
        metrics["{name}"] = self.score(values)
        return metrics

    def score(self, values: Sequence[float]) -> float:
        """A deterministic number derived from ``values``."""
        return sum(float(item) for item in values) / {divisor}.0

'''

_METHODS = (
    '''    def {m}(self, values: Sequence[float], window: int = {a}) -> List[float]:
        """Moving average of ``values`` over ``window`` entries, used for {topic}."""
        result: List[float] = []
        running_total: float = 0.0
        for index, value in enumerate(values):
            running_total += float(value)
            if index >= window:
                running_total -= float(values[index - window])
            result.append(running_total / float(min(index + 1, window)))
        return result
''',
    '''    def {m}(self, logits: Sequence[float], temperature: float = {b}) -> List[float]:
        """Stable softmax of ``logits``, used for {topic}."""
        if not logits:
            return []
        largest: float = max(float(item) for item in logits)
        exps: List[float] = [math.exp((float(item) - largest) / temperature) for item in logits]
        normaliser: float = sum(exps) or 1.0
        return [item / normaliser for item in exps]
''',
    '''    def {m}(self, step: int, warmup_steps: int = {a}00, scale: float = {b}) -> float:
        """Inverse square-root schedule with linear warm-up, used for {topic}."""
        if step < 0:
            raise ValueError(f"step must not be negative, got {{step}}")
        current: float = float(max(step, 1))
        warm: float = current * float(warmup_steps) ** -1.5
        return scale * min(current ** -0.5, warm)
''',
    '''    def {m}(self, items: Sequence[Any], batch_size: int = {a}) -> Iterator[List[Any]]:
        """Yield ``items`` in lists of at most ``batch_size``, used for {topic}."""
        batch: List[Any] = []
        for item in items:
            batch.append(item)
            if len(batch) == batch_size:
                yield batch
                batch = []
        if batch:
            yield batch
''',
    '''    def {m}(self, vector: Sequence[float], limit: float = {b}) -> List[float]:
        """Rescale ``vector`` so that its Euclidean norm is at most ``limit``, used for {topic}."""
        norm: float = math.sqrt(sum(float(item) * float(item) for item in vector))
        if norm <= limit or norm == 0.0:
            return [float(item) for item in vector]
        factor: float = limit / norm
        return [float(item) * factor for item in vector]
''',
    '''    def {m}(self, table: Dict[str, float], digits: int = {a}) -> str:
        """Render ``table`` as aligned text, used when reporting {topic}."""
        if not table:
            return "(empty)"
        longest: int = max(len(key) for key in table)
        lines: List[str] = []
        for key in sorted(table):
            lines.append(f"{{key.ljust(longest)}} : {{round(table[key], digits)}}")
        return "\\n".join(lines)
''',
    '''    def {m}(self, left: Sequence[float], right: Sequence[float], alpha: float = {b}) -> List[float]:
        """Exponential blend of two equally long vectors, used for {topic}."""
        if len(left) != len(right):
            raise ValueError(f"lengths differ: {{len(left)}} and {{len(right)}}")
        blended: List[float] = []
        for first, second in zip(left, right):
            blended.append(alpha * float(first) + (1.0 - alpha) * float(second))
        return blended
''',
)
_VERBS = ("smooth", "normalise", "schedule", "iterate", "clip", "render", "blend")

_BUILD = '''
@functools.lru_cache(maxsize=None)
def build() -> {cls}:
    """Return the shared {cls} instance."""
    return {cls}()
'''

_MAIN = '''
VALUES = (0.1, 0.2, 0.3)
VALUES_STAND_IN = (0.1,)
STAND_IN = "synthetic-values"


def settings(config: Dict[str, Any]) -> Dict[str, Any]:
    """Every setting of config.yaml by its dotted key."""
    return {
{settings}    }


def load_config(path: str, preset: str) -> Dict[str, Any]:
    """The settings with the preset merged over them; of YAML it knows what config.yaml uses."""
    config: Dict[str, Any] = {}
    groups: List[Any] = [(-1, config)]
    with open(path, encoding="utf-8") as file:
        lines = [line.split("  #")[0].rstrip() for line in file]
    for line in filter(None, lines):
        indent = len(line) - len(line.lstrip())
        key, _, value = line.strip().partition(":")
        while groups[-1][0] >= indent:
            groups.pop()
        groups[-1][1][key] = scalar(value.strip()) if value else {}
        groups.append((indent, groups[-1][1][key]))
    return merged(config, config.pop("presets")[preset])


def scalar(text: str) -> Any:
    """A number, true, false, null, a list or an empty map; anything else is text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def merged(base: Dict[str, Any], changes: Dict[str, Any]) -> Dict[str, Any]:
    """Maps key by key, all else is replaced."""
    result: Dict[str, Any] = dict(base)
    for key, value in changes.items():
        result[key] = merged(base[key], value) if isinstance(value, dict) and key in base else value
    return result


def measured(config: Dict[str, Any]) -> Dict[str, Any]:
    """The entries of results.json: one run, on as many values as there are steps."""
    stands_in = config["resources"]["use_stand_ins"]
    values = (VALUES_STAND_IN if stands_in else VALUES)[: config["training"]["max_steps"]]
    entry: Dict[str, Any] = {"std": None, "seeds": [config["seed"]]}
    if stands_in:
        entry["stand_in"] = [STAND_IN]
    metrics = build().run(values)
    return {f"synthetic/{name}/score": {"mean": value, "runs": [value], **entry} for name, value in metrics.items()}


def main() -> None:
    """Entry point: run the experiment, print its numbers and write them down."""
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="config.yaml")
    parser.add_argument("--preset", choices=["smoke", "small", "full"], default="full")
    parser.add_argument("--smoke", dest="preset", action="store_const", const="smoke")
    parser.add_argument("--output")
    given = parser.parse_args()
    results = measured(load_config(given.config, given.preset))
    name = "results.json" if given.preset == "full" else f"results.{given.preset}.json"
    with open(given.output or name, "w", encoding="utf-8") as file:
        json.dump(results, file, indent=2)
    for key, entry in results.items():
        print(f"{key}: {entry['mean']:.6f}")


if __name__ == "__main__":
    main()
'''
