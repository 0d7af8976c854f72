"""What can claims be tried on that is no market? A small generated store, and a shelf that changes what it hands out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perpscope.claims.case import Shelf, Who
from perpscope.claims.model import Claim, Perturbation, Text, Unmoved
from perpscope.market.table import Table

if TYPE_CHECKING:
    import polars as pl

RATES = ("funding_rate", "premium_frac", "funding_rate_1d", "velocity_1d", "predicted_rate", "funding_rate_8h")
DAY_MS = 86_400_000


def claim(name: str = "F01", function: str = "averages.f01", **said: Text) -> Claim:
    """A claim nobody made."""
    return Claim(
        id=name,
        kind="data",
        function=function,
        sentence=Text("The mean is ten.", "均值为十。"),
        stated={"mean": 0.1},
        source=Text("nowhere", "无处"),
        tolerance=Text("one point", "一个百分点"),
        needs=Text("funding of a venue", "某交易所的资金费率"),
        figure="",
        texts=said or {"mean": Text("It is {mean:.1%}.", "为{mean:.1%}。")},
        labels={"mean": Text("mean", "均值")},
        unmoved={"all": (Unmoved(("always",), Text("a formula", "公式")),), "scale": (Unmoved(("ratio",), Text("no scale", "无量纲")),)},
    )


@dataclass(slots=True)
class Perturbed(Shelf):
    """A shelf that hands out rates and prices 1 % larger, stamps a day later, or one month less.

    Parameters
    ----------
    how : which of the three.
    """

    how: Perturbation = "scale"
    _changed: dict[tuple[str, Who], pl.DataFrame] = field(default_factory=dict)

    def _whole(self, table: Table) -> pl.DataFrame:
        import polars as pl

        key = (table.name, ())
        if key not in self._changed:
            rows = Shelf._whole(self, table)
            numbers = [name for name in rows.columns if name in RATES or name.endswith("_quote")]
            stamps = [name for name in ("ts", "slot", "close_ts", "received", "next_funding") if name in rows.columns]
            if self.how == "scale":
                rows = rows.with_columns(pl.col(numbers) * 1.01)
            elif self.how == "shift":
                rows = rows.with_columns(pl.col(stamps) + pl.duration(days=1))
            else:
                rows = rows.filter(~((pl.col("ts").dt.year() == 2021) & (pl.col("ts").dt.month() == 3)))
                rows = rows.filter(~((pl.col("ts").dt.year() == 2025) & (pl.col("ts").dt.month() == 11)))
            self._changed[key] = rows
        return self._changed[key]
