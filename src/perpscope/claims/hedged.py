"""What did a coin bought and a perpetual sold against it really earn, and what did holding the pair ask of its owner?

Every settlement is paid by the engine at the perpetual's own close; the two price legs are profits of their contracts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from perpscope.claims.model import Axis, Figure, Series, stride
from perpscope.claims.peg import FROM, UNTIL, hourly
from perpscope.claims.wording import reasons
from perpscope.errors import NotEnoughData
from perpscope.market.contract import Contract
from perpscope.market.funding import Position, PublishedFixing
from perpscope.trading.settle import settle
from perpscope.units import HOURS_PER_YEAR, MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

    Vector = NDArray[np.float64]

VENUE, SYMBOL = "binanceusdm", "BTC/USDT:USDT"
ENTIRELY = 0.01
"""Share of the profit that may come from elsewhere for it to be 'entirely' funding."""
REST, DIGITS = 0.0001, 5e-9


class Pair(NamedTuple):
    """One coin long, one perpetual of a coin short, from the first stamp to the last.

    Parameters
    ----------
    at : (n,) ms of each stamp. funding : (n,) received so far. basis : (n,) perpetual less spot.
    perp, spot : (n,) prices. rates : (n,) as settled.
    """

    at: NDArray[np.int64]
    funding: Vector
    basis: Vector
    perp: Vector
    spot: Vector
    rates: Vector

    @property
    def profit(self) -> Vector:
        """Gain since the start, in quote money: funding, less what the basis gained."""
        gained: Vector = self.basis - self.basis[0]
        return self.funding - gained


def pair(case: Case) -> Pair:
    """Settle the pair over every stamp at which both closes are known.

    Source: trading.settle; the notional at the close of the perpetual, which stands for the mark.
    """
    import numpy as np

    joined = hourly(case, "BTC")
    rates = case.funding(VENUE, SYMBOL, start=FROM, end=UNTIL).select("slot", "funding_rate", "interval_hours")
    rows = joined.join(rates, left_on="close_at", right_on="slot", how="inner").sort("close_at")
    if rows.height < 2:  # noqa: PLR2004 - a start and an end
        raise NotEnoughData("a hedged pair", f"{rows.height} stamps with both prices", "Import closes and rates of the same months.")
    fixings = [PublishedFixing(VENUE, SYMBOL, at, rate, hours, price) for at, price, rate, hours in _columns(rows)]
    start = int(rows["close_at"][0])
    paid = settle([Position("me", VENUE, SYMBOL, start + 1, -1.0)], fixings[1:]).payments
    received = np.concatenate([[0.0], np.cumsum([float(p.amount) for p in paid])])
    perp, spot = rows["perp_quote"].to_numpy(), rows["spot_quote"].to_numpy()
    return Pair(rows["close_at"].to_numpy(), received, perp - spot, perp, spot, rows["funding_rate"].to_numpy())


def _columns(rows: pl.DataFrame) -> list[tuple[int, float, float, float]]:
    return list(rows.select("close_at", "perp_quote", "funding_rate", "interval_hours").iter_rows())


def a14(case: Case) -> Reproduction:
    """Hold the pair through every stamp of the window, and take its profit apart.

    Source: article A, the cash-and-carry strategy; trading.settle.
    """
    import numpy as np

    held = pair(case)
    contract = Contract.of_symbol(SYMBOL)
    price_legs = contract.profit(-1.0, held.perp[0], held.perp[-1]) + (held.spot[-1] - held.spot[0])
    years = (held.at[-1] - held.at[0]) / MS_PER_HOUR / HOURS_PER_YEAR
    profit = held.profit
    fall = float((profit - np.maximum.accumulate(profit)).min())
    found = {
        "profit": float(profit[-1]),
        "funding": float(held.funding[-1]),
        "price_legs": float(price_legs),
        "share_from_funding": float(held.funding[-1] / profit[-1]),
        "identity_error": round(float(profit[-1] - held.funding[-1] - price_legs), 6),
        "a_year_on_first_price": float(profit[-1] / held.spot[0] / years),
        "a_year_on_average_price": float(profit[-1] / held.spot.mean() / years),
        "simple_rate_a_year": float(held.rates[1:].sum() / years),
        "paid_at": float((held.rates[1:] < 0).mean()),
        "at_interest": float((abs(held.rates[1:] - REST) < DIGITS).mean()),
        "largest_fall": -fall / float(held.spot.mean()),
        "most_owed_on_the_short": float((held.perp.max() - held.perp[0]) / held.perp[0]),
    }
    entirely = abs(found["share_from_funding"] - 1) <= ENTIRELY
    steady = found["at_interest"] > 0.5  # noqa: PLR2004 - normally is more often than not
    verdict: Verdict = "fails" if found["profit"] <= 0 or found["share_from_funding"] <= 0 else "holds with changes"
    verdict = "holds" if verdict != "fails" and entirely and steady else verdict
    told = {**found, "n": len(held.at) - 1, "years": years, "basis_first": held.basis[0], "basis_last": held.basis[-1]}
    window = (int(held.at[0]), int(held.at[-1]))
    lead = "lead_entirely" if verdict == "holds with changes" and entirely else ""
    why = reasons(case, verdict, told)
    return case.answer(verdict, found, why=why, n=len(held.at) - 1, window=window, figures=[_drawn(case, held)], lead=lead)


def _drawn(case: Case, held: Pair) -> Figure:
    """Funding received, and what the short leg stood at meanwhile, per coin."""
    step = stride(len(held.at))
    at = tuple(map(float, held.at[::step]))
    series = (
        Series(case.label("short_leg"), at, tuple((held.perp[0] - held.perp[::step]).tolist()), colour=1),
        Series(case.label("funding"), at, tuple(held.funding[::step].tolist()), colour=0),
    )
    axes = Axis(case.label("time"), "time"), Axis(case.label("money"), "money")
    return Figure("a14", case.label("drawn"), *axes, series, note=case.say("note"))
