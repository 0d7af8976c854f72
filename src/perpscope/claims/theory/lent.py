"""Which hourly prices, payments and lending rates is a table on deviations about?

The rate r at which an arbitrageur lends and borrows is named by the check ("r = mean Aave USDT/USDC/DAI rate") and comes from the table
`lending_rates`; an hour without a rate that is at most two days old is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perpscope.analysis.carry.arbitrage import Looks
from perpscope.analysis.carry.looks import paid_between, with_rate
from perpscope.analysis.pricing.clamped import deviation
from perpscope.claims.theory.checks import Check
from perpscope.claims.theory.measures import COVERED, INTEREST, WIDTH, YEAR, Asked, Unread, Wanting, together
from perpscope.claims.theory.subject import Seen, Span, data_of, settled, span_of, symbol_of
from perpscope.market.table import LENDING_RATES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Floats = npt.NDArray[np.float64]

_LENT = re.compile(
    r"\br\s*=\s*(?:the\s+)?(?:(?:mean|average)\s+)?(?:of\s+)?(?:the\s+)?(?!mean\b|average\b|of\b|the\b)([a-z]\w*)(?:\s+v\d)?\s+"
    r"([a-z]\w*(?:\s*(?:/|,\s*and\b|,|\band\b)\s*[a-z]\w*)*)\s+(?:(borrow|supply|deposit|lending)\w*\s+)?rates?\b",
    re.IGNORECASE,
)
_BARE = re.compile(r"\s*(?:(?:a|per) year|annualised|APR)?\s*(?:(?:from|over|in)?\s*\d{4}-.*|$)", re.IGNORECASE)
"""What may follow the rate up to the next mark: how it is counted, or a window; anything else changes it."""
SIDES = ("borrow", "supply")


@dataclass(slots=True)
class Market:
    """The perpetuals, coins and lending rates that one check is about.

    Parameters
    ----------
    check : the check. shelf : tables of the store. venue : of the perpetuals.
    """

    check: Check
    shelf: Seen
    venue: str
    _looks: dict[tuple[str, str], Looks] = field(default_factory=dict)

    @property
    def data(self) -> str:
        """Words that name the data."""
        return data_of(self.check)

    def span(self, coin: str) -> Span:
        """Window of one coin."""
        found = span_of(self.data, coin)
        if found is None:
            raise Unread(f"the check names no window of whole days, or several; its data are: {self.data}")
        return found

    def asked(self, coin: str) -> Asked:
        """Say what is asked of one coin."""
        return Asked(self.shelf, self.venue, coin, self.span(coin), self.check.words)

    def sides(self) -> list[str]:
        """Tell the sides to be tried: the one stated, else those with rates of every asset named, else the one with most of them.

        One without a name stands for either where there is no rate of any.
        """
        lender, assets, stated = self._lent()
        held = {side: sum(self.shelf.has(LENDING_RATES, side=side, symbol=a, venue=lender) for a in assets) for side in SIDES}
        if stated:
            return [stated]
        nearest = max(SIDES, key=lambda side: held[side])
        return [side for side in SIDES if held[side] == len(assets)] or [nearest if held[nearest] else ""]

    def _lent(self) -> tuple[str, list[str], str]:
        """Lender, assets, and the side where one is stated."""
        named = _LENT.search(self.data)
        if named is None:
            raise Unread(f"the check does not say whose lending rates r is the mean of; its data are: {self.data}")
        tail = re.split(r"[,;().]", self.data[named.end() :])[0]
        if not _BARE.fullmatch(tail):
            raise Unread(f"what {tail.strip()!r} makes of the rate r is not read")
        assets = [part.upper() for part in re.split(r"\s*(?:/|,|\band\b)\s*", named[2]) if part]
        side = {"borrow": "borrow", "supply": "supply", "deposit": "supply"}.get((named[3] or "").lower(), "")
        return named[1].lower(), assets, side

    def looks(self, coin: str, side: str) -> Looks:
        """Hourly closes of both legs with the funding and the lending rate of the hour; the rate is the mean of the assets named."""
        if (coin, side) not in self._looks:
            asked = self.asked(coin)
            hours, _, rates = together(asked.basis, asked.fixings, lambda: self._rates(asked.span, side))
            both = with_rate(hours, rates)
            if both.height < COVERED * hours.height:
                share = both.height / hours.height
                raise Wanting(f"{self._named(side)}, {asked.span} (a rate holds for two days: {share:.0%} of the hours have one of each)")
            last = Span(asked.span.start, asked.span.end + 1)  # a payment at the last close is one of its hour
            paid = paid_between(both, settled(self.shelf, self.venue, symbol_of(self.shelf, self.venue, coin), last))
            self._looks[coin, side] = Looks(
                both["close_at"].to_numpy(),
                both["close_quote"].to_numpy(),
                both["close_quote_spot"].to_numpy(),
                paid,
                both["rate"].to_numpy(),
            )
        return self._looks[coin, side]

    def _named(self, side: str) -> str:
        """Name the rates of one side: those that are missing, or all where none is."""
        lender, assets, _ = self._lent()
        lacking = [asset for asset in assets if not self.shelf.has(LENDING_RATES, side=side, symbol=asset, venue=lender)]
        return f"lending rates ({side or ' or '.join(SIDES)}) of {lender} {', '.join(lacking or assets)}"

    def _rates(self, span: Span, side: str) -> list[pl.DataFrame]:
        """Rates of each asset: since (ms) and rate, sorted."""
        import polars as pl

        lender, assets, _ = self._lent()
        parts = [self.shelf.part(LENDING_RATES, side=side, symbol=asset, venue=lender) for asset in assets]
        if any(part.is_empty() for part in parts):
            raise Wanting(f"{self._named(side)}, {span}")
        return [
            part.select(pl.col("ts").dt.epoch("ms").alias("since"), pl.col("lending_rate_1y").alias("rate")).sort("since") for part in parts
        ]

    def deviations(self, coin: str, side: str, width: float = WIDTH) -> Floats:
        """Return the deviation of each hour, fractions a year.

        The interest is that of the venue's usual contracts for every coin: with BNB's own of 0 its printed mean deviation could not be.
        """
        import numpy as np

        looks = self.looks(coin, side)
        return np.asarray(deviation(looks.perp, looks.spot, looks.carry, INTEREST * YEAR, width * YEAR, YEAR), dtype=np.float64)
