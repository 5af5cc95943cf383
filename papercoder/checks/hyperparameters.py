"""Numbers in the code that look like hyperparameters: they belong into config.yaml."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from papercoder.checks.module import FUNCTIONS, Function, Module, last_name
from papercoder.checks.rules import finding
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
_POSITIONS = {"Dropout": 0, "Dropout2d": 0, "dropout": 1, "manual_seed": 0, "default_rng": 0, "RandomState": 0}
_LEARNERS = re.compile(
    r"Classifier|Regress|Ridge|Lasso|SVC|SVR|Adam|SGD|RMSprop|Scheduler|LR$|KMeans|Neighbors|Dropout"
)
_TRIVIAL = {0.0, 1.0, -1.0, 2.0, 0.5, 10.0, 100.0}


class Literal(NamedTuple):
    """A number, and the name under which it enters."""

    name: str
    value: ast.expr
    default: bool = False  # of a parameter or a field: what a caller passes replaces it


def hyperparameter_literals(module: Module) -> Iterator[Finding]:
    """Numbers that the code gives to names like `lr`, `dropout`, `hidden_size`.  Tests may fix what they like."""
    if module.is_test:
        return
    for node in module.nodes:
        for name, value, default in _literals(node, module):
            if (number := _number(value)) is not None and number not in _TRIVIAL:
                rule = "hyperparameter-default" if default else "hyperparameter-literal"
                text = f"{name} = {ast.unparse(value)} is a hyperparameter in the code."
                yield finding(rule, module.path, text, line=value.lineno, location=name)


def _literals(node: ast.AST, module: Module) -> Iterator[Literal]:
    match node:
        case ast.Call():
            yield from _in_call(node)
        case ast.Assign():
            yield from (Literal(name, node.value) for target in node.targets if (name := _target(target)))
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
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(reversed(positional), reversed(arguments.defaults), strict=False)]
    pairs += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
    yield from (Literal(a.arg, value, True) for a, value in pairs if _is_hyperparameter(a.arg))


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


def _number(node: ast.expr) -> float | None:
    """The value of a literal: a number, signed, a power or product of such (`1e-3`, `-2`, `2**-5`, `3 * 256`)."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return float(value) if abs(value) < 1e300 else None
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _number(operand)
            return None if inner is None else -inner
        case ast.BinOp(op=ast.Pow() | ast.Mult() | ast.Div(), left=left, right=right):
            both = _number(left), _number(right)
            return None if None in both else float("nan")  # whatever it is, it is not trivial
        case ast.Tuple(elts=elements) | ast.List(elts=elements) if elements:
            numbers = [_number(element) for element in elements]
            trivial = all(number in _TRIVIAL for number in numbers)
            return None if None in numbers or trivial else float("nan")
    return None
