"""Which auctions may a check be about: the daily charge of an undated future, and repo?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perpscope.claims.theory.checks import Check
from perpscope.claims.theory.inputs import Inputs
from perpscope.claims.theory.model import Model
from perpscope.market.number import INF
from perpscope.mechanisms.repo import clear_repo
from perpscope.trading.carrying import fix_carry

Pairs = list[tuple[float, float]]
Told = dict[str, float | None]
_QUANTITY = ("q", "size", "amount", "n")


def _charge(_: Check, inputs: Inputs, __: str) -> Told | None:
    """Fix a day's charge where longs and shorts are listed as limit and quantity; the charge first."""
    close = inputs.find("close")
    longs, shorts = _pairs(inputs, "longs", INF), _pairs(inputs, "shorts", -INF)
    if close is None or longs is None or shorts is None:
        return None
    return _numbers(fix_carry(float(close), longs, shorts), ("charge", "next_base", "carried", "deliveries", "receipts", "rate"))


def _repo(_: Check, inputs: Inputs, __: str) -> Told | None:
    """Clear a repo book against the net delivery; the clearing price first."""
    longs, shorts = inputs.find("delivered_long"), inputs.find("delivered_short")
    bids, asks = _pairs(inputs, "bids", -INF), _pairs(inputs, "asks", INF)
    if longs is None or shorts is None or bids is None or asks is None:
        return None
    found = clear_repo(float(longs), float(shorts), bids, asks)
    return _numbers(found, ("clearing_price", "funding_rate", "net_delivery", "undelivered"))


def _numbers(found: object, names: tuple[str, ...]) -> Told:
    values = {name: getattr(found, name) for name in names}
    return {name: None if value is None else float(value) for name, value in values.items()}


def _pairs(inputs: Inputs, side: str, unlimited: float) -> Pairs | None:
    """Read limits and quantities, as pairs or as objects; no limit is an unlimited one. None where they are not of that form."""
    told = inputs.texts.get(side)
    if not isinstance(told, Sequence) or isinstance(told, str):
        return None
    rows: list[Any] = [_ordered(row) if isinstance(row, Mapping) else row for row in told]
    if not all(isinstance(row, Sequence) and len(row) == 2 for row in rows):  # noqa: PLR2004 - a limit and a quantity
        return None
    return [(unlimited if limit is None else float(limit), float(quantity)) for limit, quantity in rows]


def _ordered(row: Mapping[str, object]) -> tuple[object, ...]:
    """Put an object's limit before its quantity, which its name tells."""
    return tuple(value for _, value in sorted(row.items(), key=lambda pair: pair[0].lower().startswith(_QUANTITY)))


AUCTIONS: tuple[Model, ...] = (
    Model("charge of an undated future", _charge, (), r"deliver|carry|charge|auction|cgse|gehr", whole=True),
    Model("repo auction", _repo, (), r"repo|auction|clear|deliver", whole=True),
)
"""Models of auctions."""
