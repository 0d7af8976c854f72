"""Which lines are shown, and in which order?

The best comes first, by the number asked for. Lines that lack it stand, by what they could earn at most, between those that earn
something and those that do not: an unknown is neither. Moves that liquidate count by how far they are, up or down. A line whose number is
not known never passes a limit on it. What does not exceed its own noise is marked grey, and keeps its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from perpscope.errors import InputError

By = Literal["net", "notional", "gross", "expected", "breakeven", "persistence", "capacity", "liquidation"]
_NUMBER: Mapping[str, tuple[str, int]] = {
    "net": ("net_apr_capital", -1),
    "notional": ("net_apr_notional", -1),
    "gross": ("gross_apr", -1),
    "expected": ("expected_apr", -1),
    "breakeven": ("breakeven_days", 1),
    "persistence": ("p_positive", -1),
    "capacity": ("capacity", -1),
    "liquidation": ("liquidation_move", -1),
}
"""What a line is sorted by, and whether the smallest (1) or the largest (-1) comes first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which lines are shown.

    Parameters
    ----------
    by : number they are sorted by. min_net : least net annual rate on capital. max_breakeven : most days to break even.
    grey : whether lines within their own noise are shown. top : how many; None for all.
    """

    by: By = "net"
    min_net: float | None = None
    max_breakeven: float | None = None
    grey: bool = True
    top: int | None = None

    def __post_init__(self) -> None:
        """Refuse an order nobody knows, and less than one line."""
        if self.by not in get_args(By):
            raise InputError(f"an order by {self.by!r}", "no such number", f"Give one of {', '.join(get_args(By))}.")
        if self.top is not None and self.top < 1:
            raise InputError("the best of a scan", f"{self.top} lines", "Give 1 or more.")


def ranked(rows: Iterable[dict[str, Any]], choice: Choice) -> list[dict[str, Any]]:
    """Choose and sort lines, and number them from 1 under `rank`.

    Examples
    --------
    >>> names = ("net_apr_capital", "net_apr_capital_at_most", "gross_apr", "grey", "symbol")
    >>> told = ((None, 0.9, 0.9, False, "A"), (0.1, 0.1, 0.2, False, "B"), (0.3, 0.3, 0.3, True, "C"), (-0.1, -0.1, 0.2, False, "D"))
    >>> rows = [dict(zip(names, values)) for values in told]
    >>> [(row["rank"], row["symbol"]) for row in ranked(rows, Choice())]
    [(1, 'C'), (2, 'B'), (3, 'A'), (4, 'D')]
    """
    kept = sorted((row for row in rows if _passes(row, choice)), key=_order(choice.by))
    return [row | {"rank": number} if "rank" in row else {"rank": number} | row for number, row in enumerate(kept[: choice.top], 1)]


def _passes(row: Mapping[str, Any], choice: Choice) -> bool:
    net, days = row["net_apr_capital"], row.get("breakeven_days")
    if choice.min_net is not None and (net is None or net < choice.min_net):
        return False
    if choice.max_breakeven is not None and (days is None or days > choice.max_breakeven):
        return False
    return choice.grey or row["grey"] is not True


def _order(by: By) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    name, sign = _NUMBER[by]

    def key(row: Mapping[str, Any]) -> tuple[Any, ...]:
        value = row[name]
        bound = row.get("net_apr_capital_at_most")
        stand_in = bound if bound is not None else row["gross_apr"]
        size = abs(value) if by == "liquidation" and value is not None else value
        tier = 1 if size is None else 0 if sign > 0 or size > 0 else 2
        return (
            tier,
            0.0 if size is None else sign * size,
            bound is None,
            stand_in is None,
            0.0 if stand_in is None else -stand_in,
            str(row["symbol"]),
            str(row.get("legs")),
        )

    return key
