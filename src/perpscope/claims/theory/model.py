"""Which of our own formulas is a check about?

A model names the inputs it asks for, the function that answers, and the words by which a text speaks of it. A check is about a model if
its inputs are there and its text, worked out as it is written, comes to the same; or, where the text cannot be worked out, if it says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from perpscope.claims.theory.checks import Check
from perpscope.claims.theory.expressions import Value
from perpscope.claims.theory.inputs import RUNNING, Inputs
from perpscope.claims.theory.symbols import meant
from perpscope.errors import PerpscopeError

ASIDE = frozenset({"n", RUNNING, "tick"})
"""Inputs that count or scale what another one holds."""


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The same thing in several units or signs that the text leaves open.

    Parameters
    ----------
    values : each of them. said : what is left open.
    """

    values: tuple[Value, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Model:
    """One formula of ours.

    Parameters
    ----------
    name : what it is, in words. works : the function. asks : symbols of the inputs it needs, in the order of its arguments.
    also : symbol -> argument, of inputs it takes where they are given. says : pattern of texts about it (small letters, no blanks).
    rate : whether the answer is a rate a year, which a text may count in percent. guards : whether a text that says it, of just its
    inputs, must be it, so that one which comes to something else is wrong. whole : whether the function takes the check and inputs.
    """

    name: str
    works: Callable[..., Any]
    asks: tuple[str, ...]
    says: str
    also: Mapping[str, str] = field(default_factory=dict)
    rate: bool = False
    guards: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What one model says of a check.

    Parameters
    ----------
    model : which. value : its answer; None where it has none, see `problem`. told : whether the text speaks of the model.
    unused : inputs it does not read.
    """

    model: Model
    value: Any
    told: bool
    problem: str = ""
    unused: frozenset[str] = frozenset()


def squeezed(text: str) -> str:
    """Return a text in small letters without blanks, as patterns of models read it.

    **Source**: definition.
    """
    return re.sub(r"\s+", "", text).lower()


def answers(models: Iterable[Model], check: Check, inputs: Inputs, formula: str) -> list[Answer]:
    """Ask every model whose inputs are there.

    **Source**: definition.
    """
    text = squeezed(formula)
    found = []
    for model in models:
        named = _named(model, inputs)
        told = re.search(model.says, text) is not None
        if named is None or (model.whole and not told):
            continue
        unused = frozenset() if model.whole else frozenset(inputs.values) - set(named.values()) - ASIDE
        try:
            value = _asked(model, named, check, inputs, formula)
        except (PerpscopeError, ArithmeticError, ValueError, TypeError) as problem:
            found.append(Answer(model, None, told, str(problem), unused))
            continue
        if value is not None:
            lost = _lost(value)
            found.append(Answer(model, None if lost else value, told, f"{model.name}: the numbers lead nowhere" if lost else "", unused))
    return found


def _lost(value: Any) -> bool:  # noqa: ANN401 - any kind of answer
    """Whether an answer is a number beyond all bounds, or none."""
    return isinstance(value, float) and not math.isfinite(value)


def _asked(model: Model, named: Mapping[str, str], check: Check, inputs: Inputs, formula: str) -> Any:  # noqa: ANN401 - any kind of answer
    if model.whole:
        return model.works(check, inputs, formula)
    given = [inputs.values[named[symbol]] for symbol in model.asks]
    return model.works(*given, **{argument: inputs.values[named[symbol]] for symbol, argument in model.also.items() if symbol in named})


def _named(model: Model, inputs: Inputs) -> Mapping[str, str] | None:
    """Names of the inputs a model's symbols mean; None where one is missing, or two symbols mean the same input."""
    named = {symbol: name for symbol in (*model.asks, *model.also) if (name := meant(symbol, inputs.values)) is not None}
    whole = all(symbol in named for symbol in model.asks)
    return named if whole and len(set(named.values())) == len(named) else None
