"""What is an expression worth, written as people write formulas?

A small language: numbers (also 5 %, 18 bp), names, + - * / ^, brackets of any shape, |x|, a handful of functions, lists, comparisons, and
products without a sign ("rho sx sz", "2(cS + cF)"). It is turned into Python's own syntax tree, of which only these nodes are walked:
nothing is executed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from unicodedata import lookup

import msgspec

LONGEST = 600
Value: TypeAlias = Any
"""A number or numpy array, a truth, or a list of these."""

GREEK = frozenset("kappa iota rho sigma gamma lamda mu delta alpha epsilon theta eta phi pi beta omega tau".split())  # noqa: SIM905 - names in a row
"""Letters that stand for numbers wherever they stand."""
_LETTERS = {lookup(f"GREEK SMALL LETTER {name.upper()}"): f" {name} " for name in GREEK}
_LETTERS |= {lookup("GREEK SMALL LETTER LAMDA"): " lambda ", lookup("GREEK SMALL LETTER EPSILON"): " eps "}
_LETTERS |= {lookup("GREEK CAPITAL LETTER LAMDA"): " Lambda ", lookup("GREEK PHI SYMBOL"): " phi "}
_SIGNS = {
    "MULTIPLICATION SIGN": "*",
    "MIDDLE DOT": "*",
    "ASTERISK OPERATOR": "*",
    "MINUS SIGN": "-",
    "EN DASH": "-",
    "DIVISION SIGN": "/",
    "SUPERSCRIPT TWO": "^2",
    "SUPERSCRIPT THREE": "^3",
    "SQUARE ROOT": "sqrt",
    "LESS-THAN OR EQUAL TO": "<=",
    "GREATER-THAN OR EQUAL TO": ">=",
    "RIGHTWARDS ARROW": "->",
    "ELEMENT OF": " in ",
    "LEFT CURLY BRACKET": "(",
    "RIGHT CURLY BRACKET": ")",
}
_SPELLED = str.maketrans(_LETTERS | {lookup(name): sign for name, sign in _SIGNS.items()})
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?P<unit>\s*(?:%|bp\b))?|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<op>\*\*|<=|>=|==|!=|[-+*/^(),<>\[\]|]))"
)
_UNITS = {"": "", "%": "*0.01", "bp": "*0.0001"}


class Unreadable(Exception):  # noqa: N818 - a state of a text, not a fault of ours
    """A text is no expression, or names something that is not given."""


class Token(msgspec.Struct, frozen=True):
    """One piece of a text: its kind (number, name, op), what it says, and its unit."""

    kind: str
    text: str
    unit: str = ""


def spelled(text: str) -> str:
    r"""Return a text in the letters of the language: Greek names and signs of print written out.

    **Source**: definition.

    Examples
    --------
    >>> spelled("\N{GREEK SMALL LETTER KAPPA} 2\N{SUPERSCRIPT TWO}").split()
    ['kappa', '2^2']
    """
    return text.translate(_SPELLED)


def tokens(text: str) -> list[Token]:
    """Cut a text into tokens.

    Raises
    ------
    Unreadable
        When something in it belongs to no expression, or it is too long.

    **Source**: definition.
    """
    if len(text) > LONGEST:
        raise Unreadable("a text too long for a formula")
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Unreadable(f"{text[at:].strip()[:20]!r} is no part of an expression")
        kind = match.lastgroup or ""
        kind = "number" if kind == "unit" else kind
        found.append(Token(kind, match[kind], (match["unit"] or "").strip()))
        at = match.end()
    return found


def evaluate(parts: Sequence[Token], known: Callable[[str], Value | None]) -> Value:
    """Work out an expression.

    Parameters
    ----------
    parts : its tokens. known : value of a name; None where it has none.

    Raises
    ------
    Unreadable
        When it is no expression, a name has no value, or the numbers lead nowhere.

    **Source**: arithmetic.

    Examples
    --------
    >>> float(evaluate(tokens("2(a + b) c^2"), {"a": 1.0, "b": 2.0, "c": 3.0}.get))
    54.0
    """
    import numpy as np

    code = _python(parts, known)
    try:
        tree = ast.parse(code, mode="eval")
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        raise Unreadable("no expression") from None
    with np.errstate(all="ignore"):
        try:
            found = _walk(tree.body, known)
        except (TypeError, ValueError, ArithmeticError, RecursionError, IndexError) as problem:
            raise Unreadable(f"the numbers lead nowhere ({problem})") from None
    if not _finite(found):
        raise Unreadable("the numbers lead nowhere: the result is not finite")
    return found


def _finite(value: Value) -> bool:
    import numpy as np

    return all(map(_finite, value)) if isinstance(value, list) else bool(np.isfinite(value).all())


def _python(parts: Sequence[Token], known: Callable[[str], Value | None]) -> str:
    """Write tokens as Python: powers, products without a sign, absolute bars; round brackets where no list is meant."""
    out: list[str] = []
    before, bars = "", 0
    for k, part in enumerate(parts):
        if part.text == "|":
            opens = not before or before in "+-*/^(,[<>=|" or before == "abs("
            bars += 1 if opens else -1
            piece, operand = ("abs(", True) if opens else (")", False)
        else:
            piece = _piece(part)
            operand = part.kind in {"number", "name"} or part.text in {"(", "["}
        called = out and out[-1] in FUNCTIONS and parts[k - 1].kind == "name" and known(out[-1]) is None and part.text == "("
        if operand and out and not called and _ends(out[-1]):
            out.append("*")
        out.append(piece)
        before = piece
    if bars:
        raise Unreadable("a bar is not closed")
    return " ".join(out)


def _ends(piece: str) -> bool:
    """Whether an operand may end with this piece."""
    return piece[-1:].isalnum() or piece[-1:] in {")", "]", "_", "."}


def _piece(part: Token) -> str:
    if part.kind == "number":
        return f"({part.text}{_UNITS[part.unit]})" if part.unit else part.text
    if part.kind == "name":
        return f"{part.text}_" if part.text in _RESERVED else part.text
    return "**" if part.text == "^" else part.text


_RESERVED = frozenset(
    {"lambda", "in", "is", "if", "or", "and", "not", "for", "as", "def", "with", "from", "import", "None", "True", "False"}
)


def _walk(node: ast.AST, known: Callable[[str], Value | None]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return _number(number)
        case ast.Name(id=name):
            return _named(name, known)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=inner):
            return _walk(inner, known) * (-1.0 if isinstance(sign, ast.USub) else 1.0)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_walk(left, known), _walk(right, known))
        case _:
            return _walk_many(node, known)


def _walk_many(node: ast.AST, known: Callable[[str], Value | None]) -> Value:
    """Nodes of several values: calls, lists, comparisons. Square brackets around one thing are brackets."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](*(_walk(each, known) for each in args))
        case ast.List(elts=[one]):
            return _walk(one, known)
        case ast.List(elts=many) | ast.Tuple(elts=many):
            return [_walk(each, known) for each in many]
        case ast.Compare(left=left, ops=ops, comparators=rest):
            return _chain([_walk(each, known) for each in (left, *rest)], ops)
    raise Unreadable("no expression")


def _number(value: float) -> Value:
    import numpy as np

    return np.float64(value)


def _named(name: str, known: Callable[[str], Value | None]) -> Value:
    symbol = name.removesuffix("_") if name.removesuffix("_") in _RESERVED else name
    value = known(symbol)
    if value is None:
        raise Unreadable(f"{symbol} is not given")
    return value


def _chain(values: list[Value], ops: Sequence[ast.cmpop]) -> bool:
    tests = {ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "close", ast.NotEq: "apart"}
    if any(type(op) not in tests for op in ops):
        raise Unreadable("no comparison of numbers")
    pairs = zip(values, values[1:], ops, strict=False)
    return all(_compare(tests[type(op)], a, b) for a, b, op in pairs)


def _compare(how: str, a: Value, b: Value) -> bool:
    """Compare two numbers; sides that only rounding tells apart are equal."""
    import numpy as np

    same = bool(np.all(np.isclose(a, b, rtol=1e-12, atol=1e-15)))
    if how in {"close", "apart"}:
        return same == (how == "close")
    if same:
        return how in {"le", "ge"}
    return bool(np.all(a < b)) if how in {"lt", "le"} else bool(np.all(a > b))


def _clamp(x: Value, low: Value, high: Value) -> Value:
    import numpy as np

    if np.any(np.asarray(low) > np.asarray(high)):
        raise Unreadable("a clamp whose lower end lies above its upper end")
    return np.minimum(np.maximum(x, low), high)


def _numpy(name: str) -> Callable[..., Value]:
    def call(*values: Value) -> Value:
        import numpy as np

        found: Value = getattr(np, name)(*values)
        return found

    return call


def _folded(name: str) -> Callable[..., Value]:
    def call(*values: Value) -> Value:
        import numpy as np

        many = values[0] if len(values) == 1 else values
        found: Value = getattr(np, name)(np.asarray(many), axis=0)
        return found

    return call


def _operator(name: str) -> Callable[[Value, Value], Value]:
    return _numpy(name)


_OPERATORS: Mapping[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: _operator("add"),
    ast.Sub: _operator("subtract"),
    ast.Mult: _operator("multiply"),
    ast.Div: _operator("divide"),
    ast.Pow: _operator("float_power"),
}
FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "clamp": _clamp,
    "clip": _clamp,
    "max": _folded("max"),
    "min": _folded("min"),
    "mean": _folded("mean"),
    "avg": _folded("mean"),
    "sum": _folded("sum"),
    "exp": _numpy("exp"),
    "log": _numpy("log"),
    "ln": _numpy("log"),
    "sqrt": _numpy("sqrt"),
    "abs": _numpy("abs"),
    "sgn": _numpy("sign"),
    "sign": _numpy("sign"),
    "floor": _numpy("floor"),
    "ceil": _numpy("ceil"),
}
"""Functions of the language."""
