"""Which table do these columns belong to?

By the columns alone, never by the file's name. The table of shapes says which of our words each table needs; a mapping
may choose where columns fit several tables, and may not choose against them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perpscope.sources.columns import Columns
from perpscope.sources.model import Refused

_MOMENT = ("ts", "date")
_CONTEXT = ("mark_price", "index_price", "mid_price", "impact_bid", "impact_ask", "predicted_rate", "open_interest", "next_funding")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a table needs.

    Parameters
    ----------
    table : its name.
    needs : groups of our words; of each group one must be there.
    without : words that mean another table.
    at_least : how many words of `some` are needed.
    some : words of which `at_least` must be there.
    levels : whether order book levels are needed.
    markets : payoff kinds that choose this table where the columns fit several.
    """

    table: str
    needs: tuple[tuple[str, ...], ...]
    without: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    at_least: int = 0
    levels: bool = False
    markets: tuple[str, ...] = ()

    def missing(self, columns: Columns) -> list[str]:
        """Words this table needs and the columns lack."""
        lacking = [" or ".join(group) for group in self.needs if not any(columns.has(word) for word in group)]
        if self.some and sum(columns.has(word) for word in self.some) < self.at_least:
            lacking.append(f"{self.at_least} of {', '.join(self.some)}")
        return [*lacking, *(["asks[0].price and bids[0].price"] if self.levels and not columns.levels else [])]

    def fits(self, columns: Columns) -> bool:
        """Whether the columns are this table's."""
        return not self.missing(columns) and not any(columns.has(word) for word in self.without)


SHAPES: tuple[Shape, ...] = (
    Shape("book_messages", (("ts",),), levels=True),
    Shape("velocity_events", (("ts",), ("funding_rate",), ("velocity",), ("skew",), ("price",), ("quantity",))),
    Shape("trades", (("ts",), ("price",), ("quantity",), ("trade_id",)), without=("velocity", "skew", "close", "funding_rate")),
    Shape("contexts", (("ts",),), without=("close", "velocity"), some=_CONTEXT, at_least=2),
    Shape("funding", (_MOMENT, ("funding_rate",)), without=("close", "velocity", "predicted_rate", "open_interest", "impact_bid")),
    Shape("dated_futures", (_MOMENT, ("close",)), without=("funding_rate", "volume_quote", "minutes"), markets=("dated",)),
    Shape("prices", (_MOMENT, ("close",)), without=("funding_rate",), markets=("spot", "linear", "inverse", "quanto", "")),
    Shape("lending_rates", (_MOMENT, ("lending_rate",)), without=("close", "funding_rate", "premium")),
    Shape("premium_samples", (("ts",), ("premium",)), without=("close", "funding_rate", "mark_price", "index_price")),
)
_SETTLED = ("predicted_rate", "open_interest", "impact_bid", "impact_ask", "mid_price", "next_funding")


def recognise(asked: str, columns: Columns, facts: Mapping[str, Any], rows: int) -> str:
    """Return the name of the table.

    Raises
    ------
    Refused
        When no table has these columns, or the mapping names one that does not fit them.
    """
    fitting = [shape for shape in SHAPES if shape.fits(columns)]
    if columns.has("funding_rate") and not any(columns.has(word) for word in _SETTLED):
        fitting = [shape for shape in fitting if shape.table != "contexts"]  # a settled rate may carry its mark and index price
    chosen = facts.get("table")
    if chosen is not None:
        shape = next(shape for shape in SHAPES if shape.table == chosen)
        lacking = shape.missing(columns)
        if lacking:
            raise Refused(f"{asked} as {chosen}", f"its columns lack {', '.join(lacking)}", _advice(columns), rows)
        return str(chosen)
    if not fitting:
        raise _unknown(asked, columns, rows)
    market = str(facts.get("market", ""))
    return next((shape.table for shape in fitting if market in shape.markets), fitting[0].table)


def _unknown(asked: str, columns: Columns, rows: int) -> Refused:
    lacking = {shape.table: shape.missing(columns) for shape in SHAPES}
    nearest = min(SHAPES, key=lambda shape: (len(lacking[shape.table]) > 1, len(lacking[shape.table]) / len(shape.needs)))
    close = len(lacking[nearest.table]) < len(nearest.needs)
    needs = "; ".join(
        f"{shape.table} needs {', '.join(' or '.join(group) for group in shape.needs)}" for shape in SHAPES if not shape.levels
    )
    near = f"nearest is {nearest.table}, which also needs {', '.join(lacking[nearest.table]) or 'other columns'}"
    there = f"no table has these columns; {near if close else needs}"
    return Refused(asked, there, _advice(columns), rows)


def _advice(columns: Columns) -> str:
    held = [*columns.word_of.values(), *columns.wide, *columns.unused]
    return f'It has {", ".join(held[:12])}. Say what they are in the mapping: columns = "their name -> our name".'
