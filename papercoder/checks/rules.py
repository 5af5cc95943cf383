"""Every rule by name: how severe a finding is and, in general, how it is mended.

A high finding keeps the program from running or makes its results worthless; a medium one breaks what the design
promises; a low one is a note, which nobody has to act on.
"""

from dataclasses import dataclass

from state.review import Finding, Severity


@dataclass(frozen=True)
class Rule:
    """`fix` is what a finding says that knows nothing more exact."""

    name: str
    severity: Severity
    fix: str


_TABLE = (
    # one file by itself
    Rule("syntax-error", "high", "Write the file so that it parses."),
    Rule("undefined-name", "high", "Define or import it, or correct its spelling."),
    Rule("unfinished", "high", "Implement it."),
    Rule("placeholder-comment", "medium", "Write what the comment stands for."),
    Rule("todo-comment", "low", "Do it, or remove the comment."),
    Rule("broken-contract", "high", "Other files are written against the contract: keep its names and signatures."),
    Rule("unknown-citation", "medium", "Cite an id exactly as the paper or the requirements show it, or none."),
    Rule("uncited-requirement", "low", "Cite each requirement where the code meets it: `# §3.2, Eq. 4 [E4, R7]`."),
    Rule("hyperparameter-literal", "medium", "Take it from config.yaml, through an argument."),
    Rule("hyperparameter-default", "low", "Make the argument required, so that the value comes from config.yaml."),
    Rule("copied-result", "high", "Compute it: no number of the paper's results may stand in the code."),
    Rule("undefined-setting", "high", "Read a key that config.yaml has."),
    Rule("missing-option", "medium", "Take it: the repository is run with it."),
    Rule("unseeded-randomness", "medium", "Draw from a generator that is passed in, made from a seed of config.yaml."),
    Rule("unplanned-address", "medium", "Take it from where the plan says, or use the stand-in."),
    Rule("unmarked-stand-in", "medium", 'Write `"stand_in": [names]` into each entry that was measured with one.'),
    Rule("undeclared-package", "high", "Use a declared package or the standard library."),
    Rule("undefined-method", "high", "Define it in the class, or correct its spelling."),
    # tests written from the paper
    Rule("no-tests", "high", "Write functions `test_…` that pytest finds."),
    Rule("no-assertion", "medium", "Assert what the paper says, or leave the test out."),
    Rule("skipped-test", "medium", "Let it run, or leave it out."),
    Rule("test-with-effects", "medium", "Make what the test needs inside it, in memory or below `tmp_path`."),
    Rule("uncited-test", "low", "Cite passage and requirement in its docstring: `§3.2, Eq. 4 [E4, R7]`."),
    # against other files
    Rule("unresolved-import", "high", "Import a file of the repository by its path from the repository's root."),
    Rule("relative-import", "high", "Import by the path from the repository's root, without leading dots."),
    Rule("missing-symbol", "high", "Define the name there, or import one that is there."),
    Rule("missing-attribute", "high", "Use an attribute that is there, or define it."),
    Rule("wrong-call", "high", "Call it with the arguments of its signature."),
    # the repository as a whole
    Rule("import-cycle", "high", "Move what both files need into a third, or import inside the function that uses it."),
    Rule("shadowed-module", "high", "Rename the file: it hides a module that other code imports."),
    Rule("orphan-file", "medium", "Use it from the entry point, or leave it out."),
    Rule("missing-file", "high", "Write the file."),
    Rule("unused-setting", "medium", "Use it where the method needs it."),
    Rule("checker-unavailable", "low", "Names and calls were not checked: look at them yourself."),
    # the design
    Rule("missing-task", "high", "Add a task for the file."),
    Rule("unplanned-task", "medium", "Add the file to the architecture, or drop the task."),
    Rule("dependency-cycle", "high", "Let one of the files do without the other."),
    Rule("unreachable-file", "medium", "Let a file that the entry point reaches depend on it, or leave it out."),
    Rule("unsourced-value", "medium", "Name the requirement or the passage it comes from; if the paper states neither, "
         "declare it in `open_choices`, with the alternatives."),
    Rule("unseeded-design", "medium", "List the seeds as a setting, such as evaluation.seeds."),
    Rule("missing-preset", "medium", "Name the settings that make the run small, with the values that they get."),
    Rule("unknown-preset-key", "medium", "Use a key that stands in `values`."),
    Rule("preset-type", "medium", "Give it a value of the same type."),
    Rule("missing-estimate", "medium", "Fill in `full_run`: hardware, hours, memory, and the basis of the estimate."),
    Rule("missing-resource", "medium", "List in `resources` what is loaded or downloaded; what the code draws itself "
         "is called synthetic in `data`."),
    Rule("missing-stand-in", "medium", "Say what takes its place, with the same shapes, where it cannot be had."),
    Rule("unknown-source", "medium", "Use an id exactly as the paper shows it, or leave `source` empty."),
    Rule("unknown-requirement", "medium", "Use ids exactly as the list of requirements shows them."),
    Rule("unowned-requirement", "medium", "Name it in the `requirements` of the file that carries it out."),
    Rule("unknown-package", "high", "Name the package as it is installed."),
    # a walkthrough
    Rule("unknown-passage", "medium", "Name a paragraph, equation, table or algorithm by its id."),
    Rule("unknown-symbol", "medium", "Name a function, class, method or constant as path::Class.method."),
    Rule("long-symbol", "low", "Name the methods that matter instead of the whole class."),
    Rule("unreadable-check", "high", "Write a cell that parses."),
    Rule("vacuous-check", "medium", "Assert something of the paper's about what the code shown gives."),
    Rule("failed-check", "high", "Where the check asks for what neither the passage nor the code's contract says, mend "
         "it; where the code contradicts the passage, leave the check and say so in the text."),
    Rule("lost-passage", "medium", "Keep the passage, with a check that holds it against the code."),
)  # fmt: skip

RULES = {rule.name: rule for rule in _TABLE}


def finding(
    rule: str,
    file: str,
    problem: str,
    *,
    line: int = 0,
    location: str = "",
    fix: str = "",
    severity: Severity | None = None,
    requirement: str = "",
) -> Finding:
    """A finding of this rule.  `fix` and `severity` replace the rule's own where a check knows better."""
    known = RULES[rule]
    return Finding(
        rule=rule,
        severity=severity or known.severity,
        file=file,
        line=line,
        location=location or (f"line {line}" if line else ""),
        problem=problem,
        fix=fix or known.fix,
        requirement=requirement,
    )
