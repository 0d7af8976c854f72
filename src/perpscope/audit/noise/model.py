"""What is the noise floor of one contract?

Plain frozen values; `NoiseFloor.to_dict` is the answer of the command.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from perpscope.analysis.noise.choices import Band
from perpscope.analysis.noise.independent import Independent
from perpscope.analysis.noise.push import Cost
from perpscope.market.time import to_text
from perpscope.units import HOURS_PER_YEAR


@dataclass(frozen=True, slots=True)
class Prices:
    """How coarse the prices of one market are; None where nothing at hand tells it.

    Parameters
    ----------
    name : venue and symbol. tick : quote units. spread : mean of (ask - bid) / mid. rounding_sd : of a price known to one tick.
    trades, trade_sd, bounce, moved : count of trades, standard deviation of the change from one to the next, effective spread by Roll,
    and share of trades at another price than the one before; fractions of the price.
    """

    name: str
    tick: float | None = None
    spread: float | None = None
    rounding_sd: float | None = None
    trades: int = 0
    trade_sd: float | None = None
    bounce: float | None = None
    moved: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Push:
    """Cost of one basis point by clock, upwards and downwards.

    Parameters
    ----------
    up, down : by slice. distance_up, distance_down : fraction the averaged premium has to move; None where a limit forbids it.
    idle_up, idle_down : part of it inside the flat stretch, where the rate does not follow. notional : quote units of the standing order.
    booked : whether books were at hand; without them a cost is what standing there costs, and no more.
    """

    up: tuple[Cost, ...] = ()
    down: tuple[Cost, ...] = ()
    distance_up: float | None = None
    distance_down: float | None = None
    idle_up: float = 0.0
    idle_down: float = 0.0
    notional: float | None = None
    booked: bool = False

    def rows(self) -> list[dict[str, Any]]:
        """One line a slice; `usd` is the cheaper direction, null where the recorded book ends before both."""
        both: dict[float, dict[str, Cost]] = {}
        for name, costs in (("up", self.up), ("down", self.down)):
            for cost in costs:
                both.setdefault(cost.clock, {})[name] = cost
        return [_line(clock, pair, booked=self.booked) for clock, pair in sorted(both.items())]


def _line(clock: float, pair: Mapping[str, Cost], *, booked: bool) -> dict[str, Any]:
    totals = {name: cost.total if booked else cost.holding for name, cost in pair.items()}
    known = [total for total in totals.values() if total is not None]
    one = next(iter(pair.values()))
    line: dict[str, Any] = {"clock": clock, "until": one.until, "usd": min(known) if known else None, "weight": one.weight}
    for name in ("up", "down"):
        cost = pair.get(name)
        line |= {
            f"usd_{name}": totals.get(name),
            f"walk_{name}": cost.walk if cost else None,
            f"holding_{name}": cost.holding if cost else None,
            f"shift_{name}": cost.shift if cost else None,
        }
    return line


@dataclass(frozen=True, slots=True)
class NoiseFloor:
    """The floor of one contract.

    Parameters
    ----------
    venue, symbol, market_list, rule : what was looked at, and the dated rule.
    seen_in : "books", "bars" or "premiums". hours : interval of the rate. n : readings. window : first and last moment (ms UTC).
    covered : share of the rule's window that the readings of the band cover, at most 1.
    reading : worth of the average of the readings of one window. whole : the same for all samples of a whole window, None where the rule's
    spacing is unknown. noise : part of a reading that is gone at the next, None where readings do not turn back.
    band : of rates. published, published_is : the rate held against it (fraction per interval) and what it is.
    plateau : premiums between which the rate does not move. premium : the rule's own average. push : cost by clock.
    prices : of the contract and of what stands for the index. widths : of other windows' bands. notes : what a reader must know.
    """

    venue: str
    symbol: str
    market_list: str
    rule: str
    seen_in: str
    hours: float
    n: int
    window: tuple[int, int]
    covered: float
    reading: Independent
    whole: Independent | None
    noise: float | None
    band: Band
    published: float | None
    published_is: str
    plateau: tuple[float, float] | None
    push: Push
    prices: tuple[Prices, ...]
    certificate: Mapping[str, Any]
    widths: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def premium(self) -> float:
        """Averaged premium by the rule's own way, fraction."""
        return self.band.choices[0].premium

    def yearly(self, fraction: float) -> float:
        """Rate per interval as a simple rate per year."""
        return fraction * HOURS_PER_YEAR / self.hours

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values, for JSON: fractions; rates per the interval unless the name ends in apr."""
        low, high = self.band.premiums
        own = self.prices[0] if self.prices else Prices("")
        place = None if self.published is None else self.band.place(self.published)
        return {
            "venue": self.venue,
            "symbol": self.symbol,
            "market_list": self.market_list,
            "rule": self.rule,
            "seen_in": self.seen_in,
            "interval_hours": self.hours,
            "n": self.n,
            "window": [to_text(self.window[0]), to_text(self.window[1])],
            "covered": self.covered,
            "readings_per_window": self.reading.readings,
            "se_reading": self.reading.sd,
            "n_effective": self.reading.effective,
            "se_average": self.reading.se,
            "se_average_apr": self.yearly(self.reading.se),
            "lags": self.reading.lags,
            "passing_noise": self.noise,
            "whole_window": _whole(self.whole),
            "band": [self.band.low, self.band.high],
            "band_apr": list(self.band.apr),
            "band_premium": [low, high],
            "band_premium_apr": [self.yearly(low), self.yearly(high)],
            "plateau": None if self.plateau is None else list(self.plateau),
            "readings": [_choice(c, self) for c in self.band.choices],
            "published": self.published,
            "published_is": self.published_is,
            "position_in_band": place,
            "cost_per_bp": self.push.rows(),
            "distance_up": self.push.distance_up,
            "distance_down": self.push.distance_down,
            "idle_up": self.push.idle_up,
            "idle_down": self.push.idle_down,
            "impact_notional": self.push.notional,
            **{name: value for name, value in own.to_dict().items() if name != "name"},
            "prices": [each.to_dict() for each in self.prices],
            "bands": dict(self.widths),
            "notes": list(self.notes),
            "certificate": dict(self.certificate),
        }


def _whole(found: Independent | None) -> dict[str, Any] | None:
    return None if found is None else {"readings": found.readings, "n_effective": found.effective, "se_average": found.se}


def _choice(c: Any, floor: NoiseFloor) -> dict[str, Any]:  # noqa: ANN401 - a Choice
    return {
        "choice": c.name,
        "premium": c.premium,
        "rate": c.rate,
        "apr": floor.yearly(c.rate),
        "low": c.low,
        "high": c.high,
        "n": c.n,
    }
