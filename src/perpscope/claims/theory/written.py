"""What does the text of a formula come to, read as it is written?

The text is cut into equations; of each, the sides that consist of known symbols only are worked out. Words after an expression are left
aside, words where a symbol should stand make it unreadable. Sides of one equation that differ are told, never chosen from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from perpscope.claims.theory.expressions import FUNCTIONS, GREEK, Token, Unreadable, Value, evaluate, spelled, tokens
from perpscope.claims.theory.inputs import Inputs

_PERCENT = re.compile(r"\(\s*%|\bin (?:%|percent)|%/yr|% a year")
_MARK = re.compile(r"\(\s*%[^)]*\)")
_HUNDRED = re.compile(r"(?<![\d.])100(?![\d.])")
_CONDITION = re.compile(r"\b(?:iff?|when|provided|while)\b")
_BETWEEN = r";|\n|,(?=\s)|\.\s+(?=[A-Z])|\bwhere\b|\bwith\b|\band\b(?=\s*[\w*]+\s*=)"
_ARITHMETIC = frozenset(
    "plus minus times over divided multiplied by of squared cubed root power half twice double choose mod modulo cent percent".split()  # noqa: SIM905 - as below
)
"""Words that do something to the number beside them, so that it is no longer the number."""
_NOUNS = frozenset("impact funding rate price premium deviation threshold cost carry bound share interest".split())  # noqa: SIM905 - as below
"""Words before an expression that name it."""
_SMALL = frozenset("on per in at is to by of or and the a an as no".split())  # noqa: SIM905 - a sentence reads better than a list
_WORD = re.compile(r"[a-z]{4,}|[A-Z][a-z]{3,}")
_CLOSE = 1e-9
Lookup: TypeAlias = Callable[[str], Value | None]


@dataclass(frozen=True, slots=True)
class Equation:
    """One equation: the name on its left, and the values of those of its sides that are readable.

    Parameters
    ----------
    label : left side where it is a name, else "". values : of the readable sides, in order. unread : why the others are not.
    composed : whether a side is more than one number or name.
    """

    label: str
    values: tuple[Value, ...]
    unread: tuple[str, ...] = ()
    composed: bool = True

    @property
    def agrees(self) -> bool:
        """Whether all readable sides come to the same."""
        return all(alike(self.values[0], value) for value in self.values[1:])


@dataclass(frozen=True, slots=True)
class Written:
    """What a text comes to.

    Parameters
    ----------
    equations : the readable ones. percent : whether the text says that it counts in percent.
    unmet : conditions it states that do not hold. unread : why nothing was readable.
    others : values of expressions that stand beside the equations without a name.
    """

    equations: tuple[Equation, ...]
    percent: bool = False
    unmet: tuple[str, ...] = ()
    unread: tuple[str, ...] = field(default=())
    others: tuple[Value, ...] = field(default=())


def alike(one: Value, other: Value, close: float = _CLOSE) -> bool:
    """Whether two values are the same up to rounding.

    **Source**: definition.

    Examples
    --------
    >>> alike(0.1 + 0.2, 0.3), alike([1.0, 2.0], [1.0, 3.0]), alike(True, 1.0)
    (True, False, False)
    """
    import numpy as np

    if isinstance(one, list) or isinstance(other, list):
        many = isinstance(one, list) and isinstance(other, list) and len(one) == len(other)
        return many and all(alike(a, b, close) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict | str) or isinstance(other, dict | str):
        return bool(one == other)
    if isinstance(one, bool | np.bool_) != isinstance(other, bool | np.bool_):
        return False
    return bool(np.shape(one) == np.shape(other) and np.allclose(one, other, rtol=close, atol=1e-15))


def read_formula(text: str, inputs: Inputs) -> Written:
    """Read a formula as it is written.

    **Source**: the formulas of `theory_checks.json` and `theory.md`.

    Examples
    --------
    >>> from perpscope.claims.theory.inputs import read_inputs
    >>> found = read_formula("f = x k/(k+rc-ra) = E[x_tau]", read_inputs({"x": 2, "kappa": 1, "r_a": 0.5, "r_c": 0.5}))
    >>> found.equations[0].label, float(found.equations[0].values[0])
    ('f', 2.0)
    """
    percent = bool(_PERCENT.search(text)) and not _HUNDRED.search(text)
    text = spelled(_MARK.sub("", text))
    whole = _Reading(inputs, list(_segments(text)))
    equations = [whole.equation(k) for k in range(len(whole.segments))]
    unknown = " ".join(
        side for equation, (_, sides) in zip(equations, whole.segments, strict=True) if not equation.values for side in sides
    )
    whole.used |= set(re.findall(r"[A-Za-z_]\w*", unknown))
    readable = [equation for equation in equations if equation.values and equation.label not in whole.used]
    named = tuple(equation for equation in readable if equation.label)
    others = tuple(value for e in readable if named and not e.label and e.composed for value in e.values)
    unmet = tuple(whole.unmet(condition, readable) for condition in _conditions(text))
    unread = tuple(why for equation in equations for why in equation.unread)
    return Written(named or tuple(readable[:1]), percent, tuple(filter(None, unmet)), unread, others)


def _segments(text: str) -> Iterator[tuple[str, list[str]]]:
    """Cut a text into equations: their label and their sides."""
    for piece in _cut(text, _BETWEEN):
        part = _CONDITION.split(piece, maxsplit=1)[0]
        part = part.rpartition("->")[2].rpartition(":")[2]
        sides = [side.strip() for side in re.split(r"(?<![<>=!])=(?!=)|\bin(?=\s*\[)", part)]
        label = sides[0] if len(sides) > 1 else ""
        yield _plain(label), [side for side in (sides[1:] if label and _is_name(label) else sides) if side]


def _cut(text: str, at: str) -> list[str]:
    """Cut outside of brackets only."""
    found, depth, start = [], 0, 0
    for match in re.finditer(rf"[(\[]|[)\]]|{at}", text):
        if match[0] in "([":
            depth += 1
        elif match[0] in ")]":
            depth -= 1
        elif depth <= 0:
            found.append(text[start : match.start()])
            start = match.end()
    return [*found, text[start:]]


def _conditions(text: str) -> Iterator[str]:
    for piece in _cut(text, r";|\n|,(?=\s)"):
        match = re.search(r"\bif\b", piece)
        if match:
            yield piece[match.end() :].strip()


def _plain(label: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\(.*?\)|\*", "", label)).strip()


def _is_name(label: str) -> bool:
    """Whether the left side is a name, or words, and not an expression."""
    return not re.search(r"[-+^]|\d\s*[*/]|\)\s*[*/(]", re.sub(r"\([^()]*\)$", "", label.strip())) or " " in label.strip()


class _Reading:
    """One text being read: definitions are looked up among its own equations."""

    def __init__(self, inputs: Inputs, segments: list[tuple[str, list[str]]]) -> None:
        self.inputs, self.segments = inputs, segments
        self.used: set[str] = set()
        self._open: set[str] = set()

    def equation(self, k: int) -> Equation:
        label, sides = self.segments[k]
        values, unread = [], []
        for side in sides:
            try:
                values.append(self.side(side, self.lookup))
            except Unreadable as problem:
                unread.append(str(problem))
        return Equation(label, tuple(values), tuple(unread), any(re.search(r"\w\s*[-+*/^(]", side) for side in sides))

    def lookup(self, symbol: str) -> Value | None:
        """Value of a symbol: an input, a definition of the text, or Euler's number."""
        found = self.inputs.find(symbol)
        if found is not None:
            return found
        for label, sides in self.segments:
            if label == symbol and symbol not in self._open:
                self._open.add(symbol)
                try:
                    value = self.side(sides[-1], self.lookup) if sides else None
                except Unreadable:
                    value = None
                self._open.discard(symbol)
                if value is not None:
                    self.used.add(symbol)
                    return value
        return 2.718281828459045 if symbol == "e" else None

    def side(self, text: str, lookup: Lookup) -> Value:
        """Value of the longest beginning of a text that is an expression, words after it left aside."""
        parts = tokens(text)
        while len(parts) > 1 and parts[0].text in _NOUNS and parts[1].kind != "op" and lookup(parts[0].text) is None:
            parts = parts[1:]
        if not parts:
            raise Unreadable("nothing stands there")
        problem = Unreadable("no expression")
        for end in range(len(parts), 0, -1):
            if end < len(parts) and not _words(parts[end:], lookup):
                continue
            try:
                return evaluate(parts[:end], lookup)
            except Unreadable as caught:
                problem = caught if end == len(parts) else problem
        raise problem

    def unmet(self, condition: str, readable: Sequence[Equation]) -> str:
        """Return a condition that does not hold; "" where it holds or cannot be read."""
        said = {equation.label: equation.values[0] for equation in readable if equation.label}

        def lookup(symbol: str) -> Value | None:
            return said[symbol] if symbol in said else self.lookup(symbol)

        try:
            held = self.side(re.sub(r"(?<![<>=!])=(?!=)", "==", condition), lookup)
        except Unreadable:
            return ""
        return "" if held is True or not isinstance(held, bool) else f"{condition} does not hold"


def _words(rest: Sequence[Token], lookup: Lookup) -> bool:
    """Whether what follows an expression is words: no operator first, no symbol among them, and nothing that is done to the number."""
    if rest[0].text == "(":
        return _aside(rest, lookup)
    first = rest[0]
    if first.kind != "name" or lookup(first.text) is not None or not (first.text in _SMALL or _is_word(first.text)):
        return False
    return not any(part.text in _ARITHMETIC or part.text in GREEK for part in rest)


def _aside(rest: Sequence[Token], lookup: Lookup) -> bool:
    """Whether what follows is a remark in brackets: words between commas, of which the first is no symbol."""
    first = rest[1] if len(rest) > 1 else rest[0]
    calm = all(part.kind != "op" or part.text in "()," for part in rest)
    known = first.kind != "name" or len(first.text) == 1 or lookup(first.text) is not None
    telling = _ARITHMETIC | GREEK | FUNCTIONS.keys()
    return calm and not known and not any(part.text in telling for part in rest)


def _is_word(name: str) -> bool:
    return bool(_WORD.fullmatch(name)) and name not in FUNCTIONS
