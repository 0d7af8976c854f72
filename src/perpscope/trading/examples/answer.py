"""What does a printed trade come to: its horizon, its convention, its yields, its costs, and where it stops paying?

One document for a reader or a program. Nothing in it is typed in: the horizon and the convention are searched, and where several or none
fit, both are null and the reason is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from perpscope.analysis.printed.conventions import Reading, days_of, fitting, misses, readings, slack, whole_days
from perpscope.analysis.printed.yields import How
from perpscope.analysis.yearly import Gain
from perpscope.market.number import Number
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import Liquidity, SquareRoot, TradeCosts
from perpscope.trading.examples.ending import FILLS, Earned, Way, cost_at, trip, ways, where_it_ends
from perpscope.trading.examples.printed_trade import Printed, PrintedTrade, percent
from perpscope.trading.examples.words import judged
from perpscope.trading.trade import Leg
from perpscope.units import HOURS_PER_DAY

SPOKEN: Mapping[How, str] = {
    "simple": "simple",
    "compound": "compounded once a horizon",
    "daily": "compounded every day",
    "continuous": "compounded continuously",
}
SIZES = (1e5, 1e6, 1e7, 1e8, 1e9)
_WHOLE = "the only whole number of days among the horizons that all yields share"
_MIDDLE = "the middle of the horizons that all yields share: no one whole number of days lies in it"


@dataclass(frozen=True, slots=True)
class Impact:
    """What is taken for granted of size, in place of the example's own assumptions; None leaves one as it is.

    Parameters
    ----------
    volume : quote units traded a day on each venue. volatility : of a day, a fraction. coefficient : of the square-root law.
    half_spread : a fraction of the mid.
    """

    volume: Number | None = None
    volatility: Number | None = None
    coefficient: Number | None = None
    half_spread: Number | None = None

    def crossing(self, assumed: Mapping[str, Any]) -> SquareRoot:
        """Build the cost of taking: the user's numbers as given, the others as assumed."""

        def told(name: str, own: Number | None) -> Figure:
            return Figure.given(own) if own is not None else Figure.assumed(_share(assumed[name]), assumed["why"])

        return SquareRoot(
            told("half_spread", self.half_spread),
            told("coefficient", self.coefficient),
            told("volatility", self.volatility),
            told("volume", self.volume),
        )


def _share(written: str | Number) -> Number:
    return percent(written)[0] if isinstance(written, str) else written


def example_answer(printed: PrintedTrade, impact: Impact | None = None, sizes: Sequence[float] = SIZES) -> dict[str, Any]:
    """Tell everything that follows from the printed figures alone.

    Parameters
    ----------
    printed : the example. impact : what to take for granted of size instead. sizes : notionals of one leg to show.
    """
    tried = readings(printed.numbers, {name: float(money) for name, money in printed.capitals.items()})
    fit = fitting(tried)
    found = _found(printed, fit, tried)
    days = found["horizon_days"]
    return {
        "example": printed.name,
        "about": printed.about,
        "source": printed.source,
        **found,
        "conventions": [_tried(reading) for reading in tried],
        "words": judged(printed, fit),
        "trades": {name: _trade(printed, name) for name in printed.figures},
        "fees": _fees(printed),
        "costs": None if days is None else _costs(printed, days),
        "scaling": None if days is None else _scaling(printed, days, (impact or Impact()).crossing(printed.assumed), sizes),
        "assumed": [
            "no leg is liquidated on the way: a linear one has lost its margin after the move told with it, maintenance apart (assumed)",
            "what each trade earned came in evenly over the horizon (assumed)",
            "orders rest at both venues, as the text reads its own fees (assumed)",
            "each venue's contract is the one named under trades; the text names venues alone (assumed)",
        ],
    }


def _found(printed: PrintedTrade, fit: Reading | None, tried: Sequence[Reading]) -> dict[str, Any]:
    if fit is None or fit.shared is None:
        fits = sum(reading.shared is not None for reading in tried)
        why = f"{fits} of {len(tried)} conventions give all printed yields from the printed profits"
        names = ("horizon_days", "convention", "yields", "horizon_interval_days", "costs", "scaling")
        figures = {name: _in_print(figure) for name, figure in printed.figures.items()}
        return dict.fromkeys(names) | {"conventions_that_fit": fits, "figures": figures, "why_null": dict.fromkeys(names, why)}
    capital = float(printed.capitals[fit.capital])
    days = days_of(fit.shared)
    whole = whole_days(fit.shared)
    again = misses(printed.numbers, capital, fit.how, days)
    room = slack(printed.numbers, capital, fit.how)
    return {
        "horizon_days": days,
        "horizon_is": _WHOLE if len(whole) == 1 else _MIDDLE,
        "horizon_interval_days": list(fit.shared),
        "horizon_interval_hours": (fit.shared[1] - fit.shared[0]) * HOURS_PER_DAY,
        "convention": f"{SPOKEN[fit.how]}, on the {fit.capital} of {capital:,.0f} {printed.asset}",
        "compounding": SPOKEN[fit.how],
        "capital": {"name": fit.capital, "value": capital, "asset": printed.asset},
        "conventions_that_fit": 1,
        "yields": {name: value for name, (value, _) in again.items()},
        "figures": {
            name: _figure(figure, again[name], fit.each[name], room[name], days, capital) for name, figure in printed.figures.items()
        },
        "why_null": {},
    }


def _figure(
    figure: Printed, again: tuple[float, float], alone: tuple[float, float], room: tuple[float, float] | None, days: float, capital: float
) -> dict[str, Any]:
    rates, _ = Gain.of(float(figure.profit), capital, days).yields()
    return _in_print(figure) | {
        "yield": again[0],
        "off_in_printed_units": again[1],
        "horizon_alone_days": list(alone),
        "profits_that_would_fit": None if room is None else list(room),
        "other_ways": rates,
    }


def _in_print(figure: Printed) -> dict[str, Any]:
    return {"profit": float(figure.profit), "yield_printed": float(figure.yearly), "says": figure.says}


def _tried(reading: Reading) -> dict[str, Any]:
    return {
        "compounding": SPOKEN[reading.how],
        "capital": reading.capital,
        "fits": reading.shared is not None,
        "shared_days": None if reading.shared is None else list(reading.shared),
        "apart_days": reading.apart,
        "days": {name: list(span) for name, span in reading.each.items()},
    }


def _trade(printed: PrintedTrade, name: str) -> dict[str, Any]:
    trade = printed.figure(name).trade
    return {
        "kind": trade.kind,
        "legs": [_leg(leg, printed.leg) for leg in trade.legs],
        "capital": float(trade.capital * printed.leg),
        "gross": float(sum(leg.ratio for leg in trade.legs) * printed.leg),
    }


def _leg(leg: Leg, notional: Number) -> dict[str, Any]:
    return {
        "side": leg.side,
        "venue": leg.venue,
        "symbol": leg.symbol,
        "payoff": leg.market,
        "notional": float(leg.ratio * notional),
        "leverage": float(leg.leverage),
        "margin": float(leg.ratio * notional / leg.leverage),
        "move_that_takes_the_margin": -leg.sign / float(leg.leverage),
        "liquidity": leg.liquidity,
    }


def _fees(printed: PrintedTrade) -> dict[str, Any]:
    venues = dict.fromkeys(leg.venue for figure in printed.figures.values() for leg in figure.trade.legs)
    return {venue: {fill: printed.fees(venue).at(0, fill).told() for fill in FILLS} for venue in venues}


def _earned(printed: PrintedTrade, days: float) -> dict[str, Earned]:
    return {name: Earned(float(figure.profit / printed.leg), days) for name, figure in printed.figures.items()}


def _costs(printed: PrintedTrade, days: float) -> dict[str, Any]:
    """All ways in and out of the first trade (the fees of the others are the same), and when each is earned back."""
    name = next(iter(printed.figures))
    earned = _earned(printed, days)
    found = ways(printed.costs(name), printed.figure(name).trade.legs)
    return {
        "of": "one leg's notional",
        "legs": [leg.venue for leg in printed.figure(name).trade.legs],
        "printed_net_of_one_end": [float(net) for net in printed.net],
        "ways": [_way(way, printed, earned) for way in found],
        "ways_inside_the_printed_range": sum(_inside(way, printed) for way in found),
        "impact_is": "not counted here: see scaling",
    }


def _inside(way: Way, printed: PrintedTrade) -> bool:
    low, high = printed.net
    return all(end.value is not None and low <= end.value <= high for end in way.ends)


def _way(way: Way, printed: PrintedTrade, earned: Mapping[str, Earned]) -> dict[str, Any]:
    cost = float(way.cost.needed("fees"))
    return {
        "in": list(way.opening),
        "out": list(way.closing),
        "cost": cost,
        "money": cost * float(printed.leg),
        "status": way.cost.status,
        "both_ends_in_the_printed_range": _inside(way, printed),
        "days_to_pay": {name: one.days_to_pay(cost) for name, one in earned.items()},
        "gap_a_year_that_pays_nothing": {name: one.gap_that_pays_nothing(cost) for name, one in earned.items()},
        "share_of_profit": {name: cost / one.gain for name, one in earned.items()},
    }


def _scaling(printed: PrintedTrade, days: float, crossing: SquareRoot, sizes: Sequence[float]) -> dict[str, Any]:
    earned = _earned(printed, days)
    figures = {
        "half_spread": crossing.half,
        "coefficient": crossing.coefficient,
        "volatility": crossing.volatility,
        "volume": crossing.volume,
    }
    return {
        "model": "half the spread + coefficient x daily volatility x root of (notional / daily volume), for each order that takes",
        "figures": {name: figure.told() for name, figure in figures.items()},
        **{
            fill: {name: _filled(printed, name, one, printed.costs(name, crossing), fill, sizes) for name, one in earned.items()}
            for fill in FILLS
        },
    }


def _filled(printed: PrintedTrade, name: str, one: Earned, costs: TradeCosts, fill: Liquidity, sizes: Sequence[float]) -> dict[str, Any]:
    """Tell where one trade ends with all orders filled one way, and what is left of it by size."""
    legs = [replace(leg, liquidity=fill) for leg in printed.figure(name).trade.legs]
    ends = where_it_ends(costs, legs, one)
    return {
        "break_even_notional": ends.break_even,
        "best_notional": ends.best,
        "most_money": ends.most,
        "why_null": ends.why,
        "rows": [_sized(costs, legs, one, size) for size in sizes],
    }


def _sized(costs: TradeCosts, legs: Sequence[Leg], one: Earned, notional: float) -> dict[str, Any]:
    parts = trip(costs, legs, notional)
    cost = cost_at(costs, legs, notional)
    return {
        "notional": notional,
        **{part: None if figure.value is None else float(figure.value) for part, figure in parts.items()},
        "left": None if cost is None else (one.gain - cost) * notional,
        "days_to_pay": None if cost is None else one.days_to_pay(cost),
    }
