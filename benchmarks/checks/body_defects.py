"""Broken contracts, empty bodies, lines that do not belong there, settings misread or not read."""

import ast
import random
import re

from benchmarks.checks.defect import Mutate, Operator, defect
from benchmarks.checks.editing import first_line, inserted, sites, tree_of
from benchmarks.checks.subjects import Subject

BODIES: dict[str, Operator] = {}


@defect(BODIES, "broken-contract")
def contract_broken(subject: Subject, rng: random.Random) -> Subject | None:
    def public(node: ast.FunctionDef) -> bool:
        return node.col_offset == 0 and not node.name.startswith("_")

    for path, node in sites(subject, ast.FunctionDef, public, rng):
        text = subject.files[path]
        if len(re.findall(rf"\b{node.name}\b *=|import.*\b{node.name}\b|def {node.name}\b", text)) == 1:
            return subject.changed(path, re.sub(rf"\bdef {node.name}\b", f"def {node.name}_renamed", text))
    return None


@defect(BODIES, "broken-contract")
def parameter_renamed(subject: Subject, rng: random.Random) -> Subject | None:
    def plain(node: ast.FunctionDef) -> bool:
        return node.col_offset == 0 and not node.name.startswith("_") and bool(node.args.args) and not node.args.kwarg

    for path, node in sites(subject, ast.FunctionDef, plain, rng):
        text, first = subject.files[path], node.args.args[0].arg
        same = [n for n in tree_of(text).body if getattr(n, "name", "") == node.name]
        if len(same) == 1 and not node.args.vararg:
            line = text.splitlines(keepends=True)[node.args.args[0].lineno - 1]
            new = (
                line[: node.args.args[0].col_offset]
                + f"{first}_new"
                + line[node.args.args[0].col_offset + len(first) :]
            )
            lines = text.splitlines(keepends=True)
            lines[node.args.args[0].lineno - 1] = new
            return subject.changed(path, "".join(lines))
    return None


def _hollowed(body: str) -> Mutate:
    def mutate(subject: Subject, rng: random.Random) -> Subject | None:
        def worth(node: ast.FunctionDef) -> bool:
            real = len(node.body) > 2 and not node.name.startswith("__") and not node.decorator_list
            return real and node.col_offset == 0

        for path, node in sites(subject, ast.FunctionDef, worth, rng):
            text = subject.files[path]
            line, indent = first_line(node)
            lines = text.splitlines(keepends=True)
            assert node.end_lineno
            return subject.changed(path, "".join([*lines[: line - 1], f"{indent}{body}\n", *lines[node.end_lineno :]]))
        return None

    return mutate


BODIES["emptied body (pass)"] = Operator(_hollowed("pass"), frozenset({"unfinished"}))
BODIES["emptied body (...)"] = Operator(_hollowed("..."), frozenset({"unfinished"}))
BODIES["NotImplementedError body"] = Operator(
    _hollowed('raise NotImplementedError("later")'), frozenset({"unfinished"})
)


def line_in_function(*choices: str) -> Mutate:
    def mutate(subject: Subject, rng: random.Random) -> Subject | None:
        for path, node in sites(subject, ast.FunctionDef, lambda node: node.body[0].lineno > node.lineno, rng):
            line, indent = first_line(node)
            docstring = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
            if not docstring:
                return subject.changed(path, inserted(subject.files[path], line, indent + rng.choice(choices)))
        return None

    return mutate


BODIES["placeholder comment"] = Operator(
    line_in_function("# TODO: implement the real loss", "# Your code here", "# placeholder for the actual model"),
    frozenset({"placeholder-comment"}),
)
BODIES["citation to nowhere"] = Operator(
    line_in_function("# §9.9, Eq. 99 [E99]", "# Table 7 [T7]", "# §3.2 [S3.2.p9]"), frozenset({"unknown-citation"})
)
BODIES["hyperparameter literal"] = Operator(
    line_in_function("learning_rate = 3e-4", "options = dict(dropout=0.3)", "batch_size = 128", "weight_decay = -1e-4"),
    frozenset({"hyperparameter-literal"}),
)
BODIES["copied result"] = Operator(
    line_in_function("accuracy = 93.41", 'print("BLEU 28.4")', "errors = [0.8731]", "bleu: float = 28.4"),
    frozenset({"copied-result"}),
)
BODIES["syntax error"] = Operator(
    line_in_function("x = (1,", "if True print(1)", "return return"), frozenset({"syntax-error"})
)


@defect(BODIES, "undefined-setting")
def config_key_typo(subject: Subject, rng: random.Random) -> Subject | None:
    keys = ["learning_rate", "batch_size", "hidden_size"]
    rng.shuffle(keys)
    for path in sorted(subject.files):
        text = subject.files[path]
        for key in keys:
            spelled = re.search(rf'(?:\["|\.get\("|training\.|model\.){key}\b', text)
            if spelled:
                typo = spelled.group().replace(key, key[:-2] + key[-1])
                return subject.changed(path, text.replace(spelled.group(), typo, 1))
    return None


@defect(BODIES, "unused-setting")
def setting_never_read(subject: Subject, rng: random.Random) -> Subject | None:
    for path in sorted(subject.files):
        text = subject.files[path]
        if re.search(r'(?:\["|training\.)batch_size\b"?\]?', text) and path == "main.py":
            constant = re.sub(r'(?:\w+\.)*\w+(?:\["\w+"\])*(?:\["|\.)batch_size(?:"\])?', "1", text)
            return subject.changed(path, constant) if "batch_size" not in constant else None
    return None
