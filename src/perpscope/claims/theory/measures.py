"""What do the rows of one coin say about a number that a table prints?

Each measure reads what it needs over the whole window or says what is missing; a window half covered is no window.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.analysis.atoms import EXACT
from perpscope.analysis.averages import average_apr, common_window, within
from perpscope.claims.theory.clock import closes
from perpscope.claims.theory.subject import Seen, Span, settled, spot_of, symbol_of
from perpscope.market.time import to_text

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

COVERED = 0.99
"""Least share of a window that must be held."""
HALF = 0.5
"""The same where contracts are compared over the time that all have lived through, which may begin later."""
INTEREST, WIDTH, PERIOD, YEAR = 0.0001, 0.0005, 8.0, 1095.0
WITHOUT_INTEREST = frozenset({"BNB"})
"""Coins whose perpetual has no interest term: He et al. v7 Table B.1."""


class Wanting(Exception):  # noqa: N818 - a state of the store, not a fault
    """The store does not hold what a number is made of; the text names it, several things parted by semicolons."""


class Unread(Exception):  # noqa: N818 - a state of the check, not a fault
    """A check does not say what one of its numbers is; the text tells what is open."""


def together(*ways: Callable[[], Any]) -> list[Any]:
    """Take everything a number is made of.

    Raises
    ------
    Wanting
        Naming all that is missing, not just the first.

    **Source**: definition.
    """
    found, lacking = [], []
    for way in ways:
        try:
            found.append(way())
        except Wanting as problem:
            lacking.extend(str(problem).split("; "))
    if lacking:
        raise Wanting("; ".join(dict.fromkeys(lacking)))
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """One number that is asked for.

    Parameters
    ----------
    shelf : tables of the store. venue, coin : of the perpetual. span : window. words : all that is said about the check.
    """

    shelf: Seen
    venue: str
    coin: str
    span: Span
    words: str

    @property
    def interest(self) -> float:
        """Interest term per eight hours; none for the coins that have none."""
        return 0.0 if self.coin in WITHOUT_INTEREST else INTEREST

    def fixings(self) -> pl.DataFrame:
        """Settled fixings of the window.

        Raises
        ------
        Wanting
            When less than 99 % of it is held.
        """
        return self.fixings_of(symbol_of(self.shelf, self.venue, self.coin))

    def fixings_of(self, symbol: str) -> pl.DataFrame:
        """Settled fixings of one contract in the window; as `fixings`."""
        held = within(settled(self.shelf, self.venue, symbol, self.span), self.span.start, self.span.end)
        covered = float(held["interval_hours"].sum()) / self.span.hours
        if covered < COVERED:
            raise Wanting(f"settled funding of {self.venue} {symbol}, {self.span}{_held(held, 'slot', covered)}")
        return held

    def basis(self) -> pl.DataFrame:
        """Return hourly closes of last trades: close_at (ms), close_quote of the perpetual, close_quote_spot of its coin; sorted.

        Raises
        ------
        Wanting
            When less than 99 % of the hours have both.
        """
        symbol = symbol_of(self.shelf, self.venue, self.coin)
        spot = spot_of(self.venue, symbol, self.coin)
        sides = [
            closes(self.shelf, self.venue, symbol, "linear", self.span),
            closes(self.shelf, *spot, "spot", self.span),
        ]
        lacking = [
            f"hourly closes of {name}, {self.span}{_held(rows, 'close_at', rows.height / self.span.hours)}"
            for rows, name in zip(sides, (f"{self.venue} {symbol}", f"{' '.join(spot)} spot"), strict=True)
            if rows.height / self.span.hours < COVERED
        ]
        if lacking:
            raise Wanting("; ".join(lacking))
        return sides[0].join(sides[1], on="close_at", suffix="_spot").sort("close_at")

    def premium(self) -> npt.NDArray[np.float64]:
        """Return the premium (F - S) / F of each hour of `basis`."""
        both = self.basis()
        return (1 - both["close_quote_spot"] / both["close_quote"]).to_numpy()


def _held(rows: pl.DataFrame, at: str, covered: float) -> str:
    if rows.is_empty():
        return " (nothing held)"
    return f" (held: {to_text(rows[at].item(0))[:10]}..{to_text(rows[at].item(-1))[:10]}, {covered:.0%})"


def share_at_interest(asked: Asked) -> float:
    """Share of settlements exactly at the interest term of their interval.

    **Source**: He et al. v7 Table B.1; exact as in `analysis.atoms`.
    """
    rows = asked.fixings()
    import numpy as np

    away = rows["funding_rate"] - asked.interest * rows["interval_hours"] / PERIOD
    return float(np.mean(np.abs(away.to_numpy()) <= EXACT))


def mean_clamped(asked: Asked) -> float:
    """Average settled funding a year.

    **Source**: `analysis.averages.average_apr`.
    """
    return average_apr(asked.fixings())


def sd_clamped(asked: Asked) -> float:
    """Return the standard deviation of settled funding, each rate a year.

    **Source**: He et al. v7 Table B.1.
    """
    return float(asked.fixings()["apr"].std())  # type: ignore[arg-type]  # a column of numbers


def hours_inside(asked: Asked) -> float:
    """Share of hours whose premium lies inside the clamp.

    **Source**: He et al. v7 Table B.1, of hourly closes.
    """
    import numpy as np

    return float(np.mean(np.abs(asked.interest - asked.premium()) <= WIDTH))


def mean_linear(asked: Asked) -> float:
    """Average of kappa (F - S) / F a year: funding without a clamp.

    **Source**: He et al. v7 Table B.1.
    """
    return float(asked.premium().mean() * YEAR)


def sd_linear(asked: Asked) -> float:
    """Return the standard deviation of kappa (F - S) / F a year.

    **Source**: He et al. v7 Table B.1.
    """
    return float(asked.premium().std(ddof=1) * YEAR)


MEASURES: tuple[tuple[str, Callable[[Asked], float]], ...] = (
    (r"(?:settle|share|fixing).*_(?:iota|interest|default|exact)|exactly_at", share_at_interest),
    (r"_(?:std|sd|deviation|volatility)(?=_).*_linear(?=_)|_linear(?=_).*_(?:std|sd)(?=_)", sd_linear),
    (r"_std_|_sd_|standard_deviation|volatility_of_funding", sd_clamped),
    (r"clamp_binds|hours_in|inside_(?:the_)?clamp", hours_inside),
    (r"mean_linear|linear_mean|mean_premium|average_premium", mean_linear),
    (r"(?:mean|average)_(?:annual_)?funding|funding_(?:mean|ann|average)|mean_clamped|mean_settled", mean_clamped),
)
"""Words of a check, joined by single bars -> what it asks for, the first that fits."""


def joined(words: str) -> str:
    """Return words in small letters, joined and enclosed by single bars.

    **Source**: definition.

    Examples
    --------
    >>> joined("Mean funding, 8h")
    '_mean_funding_8h_'
    """
    return f"_{re.sub(r'[^a-z0-9]+', '_', words.lower()).strip('_')}_"


def measure_of(words: str) -> Callable[[Asked], float] | None:
    """Tell which measure words ask for; None where they ask for none.

    **Source**: definition.
    """
    return next((measure for pattern, measure in MEASURES if re.search(pattern, joined(words))), None)


def overlap(shelf: Seen, contracts: Mapping[str, tuple[str, str]], span: Span) -> dict[str, pl.DataFrame]:
    """Read the fixings of several contracts over the part of a window that all have lived through.

    Parameters
    ----------
    contracts : name -> (venue, symbol).

    Raises
    ------
    Wanting
        Naming those of which the store holds nothing there.

    **Source**: `analysis.averages.common_window`.
    """
    held = {name: within(settled(shelf, *who, span), span.start, span.end) for name, who in contracts.items()}
    if lacking := [" ".join(contracts[name]) for name, rows in held.items() if rows.is_empty()]:
        raise Wanting(f"settled funding of {' and '.join(lacking)}, {span}")
    low, high = common_window(held, span.start, span.end)
    if (high - low) < HALF * (span.end - span.start):
        names = " and ".join(" ".join(contracts[name]) for name in held)
        raise Wanting(
            f"settled funding of {names}, {span} (held together: {Span(low, high)}, {(high - low) / (span.end - span.start):.0%})"
        )
    return {name: within(rows, low, high) for name, rows in held.items()}
