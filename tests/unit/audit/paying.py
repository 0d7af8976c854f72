"""Lines as users write them, for the tests of settlement from files and of the counterfactual."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from perpscope.audit.paid.run import Paid, run_settlement
from perpscope.sources.records import read_contracts, read_fixings, read_positions

Row = dict[str, Any]


def lines(rows: Sequence[Row]) -> str:
    """Write rows a line each."""
    return "\n".join(json.dumps(row) for row in rows)


def paid(positions: Sequence[Row], fixings: Sequence[Row], contracts: Sequence[Row] = (), **how: Any) -> Paid:  # noqa: ANN401 - options of run_settlement
    """Settle rows as the command does."""
    told = read_contracts(lines(contracts)).rows if contracts else ()
    return run_settlement(read_positions(lines(positions)).rows, read_fixings(lines(fixings)).rows, told, **how)


def held(at: str, quantity: str, venue: str = "binanceusdm", symbol: str = "BTC/USDT:USDT", account: str = "me") -> Row:
    """Hold so many contracts from a time of 2024-05-01 on, such as 08:00, or from a whole ISO time."""
    return {"account": account, "venue": venue, "symbol": symbol, "at": moment(at), "quantity": quantity}


def fixing(
    at: str, rate: str, hours: float, price: str | None, venue: str = "binanceusdm", symbol: str = "BTC/USDT:USDT", **more: object
) -> Row:
    """Fix a rate at such a time."""
    row = {"venue": venue, "symbol": symbol, "at": moment(at), "funding_rate": rate, "interval_hours": hours, "price": price}
    return row | more


def moment(text: str) -> str:
    """Complete a time of day to a time of 2024-05-01."""
    return text if "T" in text else f"2024-05-01T{text}:00Z"
