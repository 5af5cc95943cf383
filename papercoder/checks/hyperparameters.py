"""Numbers in the code that look like hyperparameters: they belong into config.yaml."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from papercoder.checks.constants import significant_digits, value_of
from papercoder.checks.module import FUNCTIONS, Function, Module, last_name
from papercoder.checks.rules import finding
from papercoder.checks.tree import leaves, numbers
from state.configuration import PRESETS
from state.review import Finding

_WORDS = """
    lr learning_rate learn_rate lrate base_lr init_lr initial_lr max_lr min_lr final_lr peak_lr eta0 weight_decay
    decay l1 l2 l1_weight l2_weight l1_ratio l2_reg reg_lambda reg_alpha momentum beta1 beta2 betas dropout
    dropout_rate dropout_p drop_rate drop_path attention_dropout p_drop pdrop epochs n_epochs num_epochs
    max_epochs warmup warmup_steps n_warmup warmup_epochs warmup_ratio patience batch_size train_batch_size
    eval_batch_size minibatch_size hidden hidden_size hidden_dim hidden_dims hidden_units n_hidden num_hidden
    d_model d_ff dim_feedforward ffn_dim embed_dim embedding_dim emb_dim latent_dim n_layers num_layers n_heads
    num_heads nhead n_head n_layer n_embd label_smoothing temperature tau gamma_lr grad_clip clip_grad clip_norm
    max_grad_norm gradient_clip n_estimators max_depth n_neighbors n_components n_clusters n_iterations
    num_iterations max_iter max_iters n_steps num_steps max_steps total_steps train_steps test_size train_size
    val_size valid_size validation_size split_ratio noise_rate noise_level noise_std seed random_seed random_state
    manual_seed num_samples n_samples n_folds replay_size discount entropy_coef value_coef clip_range
    gae_lambda lam lambda_ ridge_strength
"""
_NAMES = frozenset(_WORDS.split())
_ONLY_AS_KEYWORD = frozenset({"c", "alpha", "gamma", "beta", "p", "k", "eps_clip"})
_POSITIONS = {
    "Dropout": 0, "Dropout2d": 0, "dropout": 1, "manual_seed": 0, "default_rng": 0, "RandomState": 0, "seed": 0,
    "PRNGKey": 0, "seed_everything": 0, "Adam": 1, "AdamW": 1, "SGD": 1, "RMSprop": 1, "Adagrad": 1, "StepLR": 1,
    "adam": 0, "adamw": 0, "sgd": 0, "clip_grad_norm_": 1, "clip_grad_value_": 1, "clip_by_global_norm": 0,
    "Ridge": 0, "Lasso": 0, "KMeans": 0,
}  # fmt: skip
"""Where a function takes a hyperparameter that nobody names."""
_COUNTED = {"epoch", "step", "iteration"}
"""Names of a loop's variable that count how long training takes."""
_LEARNERS = re.compile(
    r"Classifier|Regress|Ridge|Lasso|SVC|SVR|Adam|SGD|RMSprop|Scheduler|LR$|KMeans|Neighbors|Dropout"
)
TELLING_DIGITS = 3
"""Significant digits by which a number is the setting of that value, and no other: 0.9995, not 0.15."""
_TRIVIAL = {0.0, 1.0, -1.0, 2.0, 0.5, 10.0, 100.0}


class Literal(NamedTuple):
    """A number, and the name under which it enters."""

    name: str
    value: ast.expr
    default: bool = False  # of a parameter or a field: what a caller passes replaces it


def hyperparameter_literals(module: Module, config: Mapping[str, Any]) -> Iterator[Finding]:
    """Numbers that the code gives to names like `lr`, `dropout`, `hidden_size`, and numbers that are a setting's under
    any name.  Tests may fix what they like.
    """
    if module.is_test:
        return
    told: set[ast.AST] = set()
    for node in module.nodes:
        for name, value, default in _literals(node, module):
            if (number := _number(value, module)) is not None and number not in _TRIVIAL:
                told |= set(ast.walk(value))
                rule = "hyperparameter-default" if default else "hyperparameter-literal"
                text = f"{name} = {ast.unparse(value)} is a hyperparameter in the code."
                yield finding(rule, module.path, text, line=value.lineno, location=name)
    yield from _settings_again(module, config, told)


def _settings_again(module: Module, config: Mapping[str, Any], told: Collection[ast.AST]) -> Iterator[Finding]:
    """Numbers that are a setting's, written a second time.  Presets are no settings: they replace some."""
    own = {key: value for key, value in config.items() if key != PRESETS}
    settings = {value: key for key, leaf in leaves(own) for value in numbers(leaf) if _is_unusual(value)}
    constants = [node for node in module.nodes if isinstance(node, ast.Constant) and node not in told]
    for node in constants if settings else ():
        value = value_of(node, module)
        if isinstance(value, float) and (key := settings.get(value)) and _is_meant(key, value, node, module):
            text = f"{value:g} is the setting {key}, and stands in the code."
            yield finding("hyperparameter-literal", module.path, text, line=node.lineno, location=key)


def _is_unusual(value: float) -> bool:
    """`3e-4`, `0.98`: a fraction that is no tenth, hundredth or quarter."""
    return (
        not value.is_integer() and not (value * 10).is_integer() and abs(value) not in (0.25, 0.75, 0.05, 0.01, 0.001)
    )


def _is_meant(key: str, value: float, node: ast.Constant, module: Module) -> bool:
    """Whether more than equality speaks for it: many digits, a related name beside the number, or that neither the
    file names the setting nor an argument or an entry gives the number a name of its own.
    """
    digits = significant_digits(value)
    if len(digits) >= TELLING_DIGITS:
        return True
    beside, named = _beside(node, module)
    *_, group, leaf = ["", *key.split(".")]
    if _words(f"{group}_{leaf}") & {word for name in beside for word in _words(name)}:
        return True
    return digits != "1" and not named and leaf not in module.words


def _beside(node: ast.Constant, module: Module) -> tuple[set[str], bool]:
    """The names beside a number, and whether one of them is the number's own: an argument's, a parameter's, a key."""
    inner: ast.AST = node
    for outer in module.above(node):
        match outer:
            case ast.keyword(arg=str() as name):
                return {name}, True
            case ast.Dict(keys=keys, values=values) if inner in values:
                key = keys[values.index(inner)]
                return _names(key) if key else set(), True
            case ast.arguments():
                return {parameter.arg for parameter, value in _defaults(outer) if value is inner}, True
            case ast.stmt():
                return _names(inner if hasattr(outer, "body") else outer), False
        inner = outer
    return set(), False


def _names(node: ast.AST) -> set[str]:
    found: set[str] = set()
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str() as name):
                found.add(name)
            case ast.Constant(value=str() as name):
                found.add(name)
    return found


def _words(name: str) -> set[str]:
    """`learningRate`, `learning_rate`: their words, by the three letters that abbreviations keep."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    return {part.lower()[:3] for part in parts if len(part) >= 3}


def _literals(node: ast.AST, module: Module) -> Iterator[Literal]:
    match node:
        case ast.Call():
            yield from _in_call(node)
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
            pairs = zip(targets, values, strict=True)
            yield from (Literal(name, value) for target, value in pairs if (name := _target(target)))
        case ast.Assign():
            yield from (Literal(name, node.value) for target in node.targets if (name := _target(target)))
        case ast.NamedExpr():
            yield from (Literal(name, node.value) for name in [_target(node.target)] if name)
        case ast.For(target=ast.Name(id=name), iter=ast.Call(func=function, args=[*_, last])) if name in _COUNTED:
            if last_name(function) in ("range", "trange"):
                yield Literal(f"number of {name}s", last)
        case ast.AnnAssign(value=ast.expr() as value):
            field = isinstance(module.parents[node], ast.ClassDef)
            yield from (Literal(name, value, field) for name in [_target(node.target)] if name)
        case ast.Dict():
            yield from (Literal(name, value) for key, value in zip(node.keys, node.values, strict=True)
                        if (name := _key(key)))  # fmt: skip
        case _ if isinstance(node, FUNCTIONS):
            yield from _in_signature(node)


def _in_call(node: ast.Call) -> Iterator[Literal]:
    called = last_name(node.func)
    for keyword in node.keywords:
        named = keyword.arg and (_is_hyperparameter(keyword.arg) or _is_learner_s(keyword.arg, called))
        if keyword.arg and named:
            yield Literal(keyword.arg, keyword.value)
    position = _POSITIONS.get(called)
    if position is not None and len(node.args) > position:
        yield Literal(called, node.args[position])
    if called in ("get", "getattr", "setdefault", "add_argument") and node.args:
        yield from _fallback(called, node)


def _fallback(called: str, node: ast.Call) -> Iterator[Literal]:
    """The value for a setting that config or command line do not give."""
    name = _key(node.args[1] if called == "getattr" and len(node.args) > 1 else node.args[0])
    if called == "add_argument":
        values = [keyword.value for keyword in node.keywords if keyword.arg == "default"]
    else:
        values = node.args[2:] if called == "getattr" else node.args[1:]
    yield from (Literal(name, value) for value in values if name)


def _in_signature(node: Function) -> Iterator[Literal]:
    yield from (Literal(a.arg, value, True) for a, value in _defaults(node.args) if _is_hyperparameter(a.arg))


def _defaults(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    yield from zip(reversed(positional), reversed(arguments.defaults), strict=False)
    given = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    yield from ((parameter, value) for parameter, value in given if value is not None)


def _target(node: ast.expr) -> str:
    """The hyperparameter that is assigned to: a variable, an attribute, or an item with a constant key."""
    if isinstance(node, ast.Subscript):
        return _key(node.slice)
    name = last_name(node)
    return name if _is_hyperparameter(name) else ""


def _key(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_hyperparameter(node.value):
        return node.value
    return ""


def _is_hyperparameter(name: str) -> bool:
    return re.sub(r"\W", "_", name.strip("-_")).lower() in _NAMES


def _is_learner_s(name: str, called: str) -> bool:
    return name.lower() in _ONLY_AS_KEYWORD and bool(_LEARNERS.search(called))


def _number(node: ast.expr, module: Module) -> float | None:
    """The value of what stands in the code: a number, however it is written, or several (then not a number)."""
    if isinstance(node, (ast.Tuple, ast.List)):
        values = [_number(element, module) for element in node.elts]
        return None if not values or None in values or _TRIVIAL.issuperset(values) else float("nan")
    value = None if isinstance(node, (ast.Constant, ast.Name)) and not _is_number(node) else value_of(node, module)
    return value if isinstance(value, float) else None


def _is_number(node: ast.expr) -> bool:
    """A name is told where it is given its value."""
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float))
