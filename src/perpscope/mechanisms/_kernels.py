"""The only compiled code of this room: the plain scalar texts, compiled as they stand, inside loops over windows.

`compiled(f)` compiles f together with the module-level functions it names. The name under which the machine code
is cached carries a digest of all that text, so a changed definition never meets a stale kernel.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from types import CodeType, FunctionType
from typing import Any

import numba
import numpy as np

from perpscope.market.book import impact_price
from perpscope.mechanisms.decide import decide
from perpscope.mechanisms.observe import impact_band
from perpscope.mechanisms.reduce import add, average
from perpscope.mechanisms.sample import transform


def _text(code: CodeType) -> bytes:
    parts = [code.co_code, repr(code.co_names).encode()]
    parts += [_text(c) if isinstance(c, CodeType) else repr(c).encode() for c in code.co_consts]
    return b"|".join(parts)


@cache
def _digest(function: FunctionType) -> str:
    called = [function.__globals__.get(name) for name in function.__code__.co_names]
    inner = "".join(_digest(f) for f in called if isinstance(f, FunctionType) and f.__module__.startswith("perpscope"))
    return hashlib.sha256(_text(function.__code__) + inner.encode()).hexdigest()[:12]


@cache
def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Machine code of a plain function and of the perpscope functions it names; no fastmath, one summation order."""
    assert isinstance(function, FunctionType)  # noqa: S101 - a programming error, not a user's
    scope = dict(function.__globals__)
    for name in function.__code__.co_names:
        called = scope.get(name)
        if isinstance(called, FunctionType) and called.__module__.startswith("perpscope"):
            scope[name] = compiled(called)
    copy = FunctionType(function.__code__, scope, function.__name__, function.__defaults__)
    copy.__qualname__ = f"{function.__name__}_{_digest(function)}"
    copy.__module__ = function.__module__
    return numba.njit(cache=True, nogil=True, error_model="numpy")(copy)


def reduce_windows(each, reducer, x, spans, offsets, tally, counts, premiums):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917 - compiled: numba infers the types
    """Average every window.

    `reducer` is (kind, memory, at_least, grains, n0..n5); `tally` (4) goes in and out. Memory 0: it is reset for each window;
    1: only its rate goes on; 2: all of it goes on.
    """
    kind, memory, at_least, grains, n0, n1, n2, n3, n4, n5 = reducer
    count, weight, total, carry = tally[0], tally[1], tally[2], tally[3]
    for k in range(len(offsets) - 1):
        if memory < 2:  # noqa: PLR2004 - as said
            count, weight, total = 0.0, 0.0, 0.0
        if memory == 0:
            carry = 0.0
        for i in range(offsets[k], offsets[k + 1]):
            y = transform(each[0], x[i], each[1], each[2], each[3], each[4], each[5])
            count, weight, total, carry = add(kind, count, weight, total, carry, y, spans[i], n0, n1, n2, n3, n4, n5)
        counts[k] = offsets[k + 1] - offsets[k]
        premiums[k] = average(weight, total, at_least, grains) if weight > 0 or at_least > 0 else np.nan
    tally[0], tally[1], tally[2], tally[3] = count, weight, total, carry


def decide_windows(formula, premiums, hours, before, terms):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled: numba infers the types
    """Decide every window in order; each rate is the next one's `before`."""
    for k in range(len(premiums)):
        found = decide(premiums[k], hours[k], before, *formula)
        for j in range(9):
            terms[k, j] = found[j]
        before = found[8]


def impact_premiums(bid_prices, bid_quantities, ask_prices, ask_quantities, index, notional, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917 - compiled: numba infers the types
    """Band premium of every snapshot (rows of ladders, best first); NaN where a side is thinner than the notional."""
    for i in range(len(index)):
        bid = impact_price(bid_prices[i], bid_quantities[i], notional)
        ask = impact_price(ask_prices[i], ask_quantities[i], notional)
        out[i] = np.nan if np.isnan(bid) or np.isnan(ask) else impact_band(bid, ask, index[i])
