"""How does funding reach the cash of a vectorbt portfolio?

vectorbt has orders and no payments. Funding becomes a second column of the cash-sharing group: a thing without value,
traded at price 1 for exactly what was paid. Cash, value, returns and the column's own profit are then right.

Source: `Portfolio.from_orders` of vectorbt 1.2.0, and that it has no funding: github.com/polakowo/vectorbt/issues/639.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from perpscope.bridges.bars import Edge, with_payments
from perpscope.market.funding import Payment

if TYPE_CHECKING:
    import polars as pl


def funding_orders(
    bars: pl.DataFrame, payments: Iterable[Payment], *, edge: Edge = "close", bar_hours: float | None = None
) -> pl.DataFrame:
    """Return the order of the funding column for each bar.

    Parameters as in `perpscope.bridges.bars.with_payments`.

    Returns
    -------
    `ts`, `quantity` (to buy; negative: sell, which receives), `order_price` (1) and `close` (0: what was bought is worth nothing), to be
    passed to `Portfolio.from_orders` as size, price and close of a second column, with cash_sharing and one group.
    """
    import polars as pl

    placed = with_payments(bars, payments, edge=edge, bar_hours=bar_hours)
    order = (0.0 - pl.col("funding_amount")).alias("quantity")
    return placed.select("ts", order, pl.lit(1.0).alias("order_price"), pl.lit(0.0).alias("close"))
