"""Where does this number come from?

In the TOML files every number is written with its source, `"0.0005 @guide"`, or as unknown with the reason,
`"? the page names no cap"`. A number without a source is unknown. Values that differ by contract are words,
`"0.75*(initial_margin-maintenance_margin) @guide"`, worked out from the contract's own numbers.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from perpscope.errors import CatalogueError
from perpscope.market.number import INF, Number, magnitude

_LARGEST_POWER = 400


def _power(base: Number, exponent: Number) -> Number:
    """Return a power that can be written down."""
    if magnitude(exponent) > _LARGEST_POWER:
        raise CatalogueError("a number", f"a power of {float(exponent):g}", f"Write powers up to {_LARGEST_POWER}.")
    result: Number = base**exponent
    return result


_SUMS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: _power,
}
_CALLS: dict[str, Callable[..., Any]] = {"min": min, "max": max}


@dataclass(frozen=True, slots=True)
class Sourced:
    """One value of a rule.

    Parameters
    ----------
    text : the value as written: a decimal, a fraction such as 1/33, a word or an expression; empty where unknown.
    source : key of the source; empty where there is none.
    reason : why it is unknown; empty where it is known.
    """

    text: str
    source: str = ""
    reason: str = ""

    @classmethod
    def read(cls, written: object) -> Sourced:
        """Read what stands in the TOML file."""
        if not isinstance(written, str):
            return cls("", "", f"{written} stands without a source")
        if written.startswith("?"):
            return cls("", "", written[1:].strip() or "not found")
        value, at, source = written.rpartition("@")
        if not at or not source.strip() or not value.strip():
            return cls("", "", f"{written.strip()} stands without a source")
        return cls(value.strip(), source.strip())

    @property
    def known(self) -> bool:
        """Whether there is a value with a source."""
        return not self.reason

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the contract's numbers the expression needs."""
        tree = _tree(self.text or "0")
        called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        return tuple(sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - called - {"inf"}))

    def number(self, contract: Mapping[str, Number]) -> Number:
        """Exact value, words worked out from the contract's numbers.

        Raises
        ------
        CatalogueError
            When it is unknown or a word has no number.
        """
        if not self.known:
            raise CatalogueError("a number of the rule", self.reason, "Give the number with its source.")
        return evaluate(self.text, contract)


def evaluate(text: str, names: Mapping[str, Number]) -> Number:
    """Exact value of an arithmetic expression of decimals, names, sums, products, powers, min and max."""
    return _value(_tree(text).body, names, text)


def _tree(text: str) -> ast.Expression:
    try:
        return ast.parse(text, mode="eval")
    except SyntaxError:
        raise CatalogueError(f"the number {text!r}", "not an expression", "Write decimals, names, + - * / ** min max.") from None


def _value(node: ast.expr, names: Mapping[str, Number], text: str) -> Number:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return Fraction(ast.get_source_segment(text, node) or str(node.value))
    if isinstance(node, ast.Name):
        if node.id == "inf":
            return INF
        if node.id not in names:
            raise CatalogueError(f"the number {text!r}", f"{node.id} is not known for this contract", f"Give {node.id} with its source.")
        return names[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, names, text)
    if isinstance(node, ast.BinOp) and type(node.op) in _SUMS:
        result: Number = _SUMS[type(node.op)](_value(node.left, names, text), _value(node.right, names, text))
        return result
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        chosen: Number = _CALLS[node.func.id](*(_value(a, names, text) for a in node.args))
        return chosen
    raise CatalogueError(f"the number {text!r}", "not a plain expression", "Write decimals, names, + - * / ** min max.")
