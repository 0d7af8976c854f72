"""What does one line of a scan say? Every number, and for each that is not there the reason, under the same name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.analysis.pairs.expected import LEAST_DAYS, expect
from perpscope.analysis.pairs.persistence import LEVEL_90, Persistence, persistence
from perpscope.analysis.windows import COVERAGE
from perpscope.market.instrument import parse_symbol
from perpscope.market.number import to_float
from perpscope.market.time import to_text
from perpscope.trading.pair import PairMove
from perpscope.trading.scan.capacity import Capacity
from perpscope.trading.scan.form import Formed, Pair
from perpscope.trading.scan.terms import Terms
from perpscope.trading.scan.value import BP, Costed, Worth, worth
from perpscope.units import HOURS_PER_DAY, MS_PER_DAY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from perpscope.trading.trade import Leg

    Floats = NDArray[np.float64]

FORECAST = "autoregression of one day (AR(1)) of the daily spread, least squares over the history"
FIELDS = (
    "gross_apr", "cost_bp", "net_apr_notional", "net_apr_capital", "breakeven_days", "p_positive", "liquidation_move", "capacity",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Carry:
    """What a trade receives, in its own direction.

    Parameters
    ----------
    window : days of the window it is ranked by. windows : days -> realised and expected annual rates and what they rest on.
    gross : the rate that net figures stand on; None where it is not known, see `why`. days : daily annual rates received, NaN for holes.
    noise : how far the realised rate may be off at 95 % (one-sided); None where the history is too short.
    """

    window: int
    windows: Mapping[str, Mapping[str, Any]]
    gross: float | None
    why: str
    days: Floats
    noise: float | None

    @property
    def grey(self) -> bool | None:
        """Whether the spread is no larger than its own sampling noise; None where that is not known."""
        return None if self.gross is None or self.noise is None else self.gross <= self.noise


def carry_of(pair: Pair, days: Floats, formed: Formed, terms: Terms) -> Carry:
    """Read off a pair what a trade receives: the pair's spread by its sign, and what is locked beside it."""
    import numpy as np

    received = days * formed.sign + formed.lock
    now = received[~np.isnan(received)]
    windows: dict[str, dict[str, Any]] = {}
    lengths = [int(name[4:-1]) for name in pair if name.startswith("apr_")]
    for length in sorted(lengths):
        ahead = _expected(pair, formed, float(now[0]) if len(now) else math.nan, length)
        ends = [_own(pair[f"{name}_{length}d"], formed) for name in ("smallest", "largest")]
        windows[str(length)] = {
            "realised_apr": _own(pair[f"apr_{length}d"], formed),
            "expected_apr": ahead,
            "sd_apr": _number(pair[f"sd_{length}d"]),
            "worst_apr": min(ends, key=_low) if None not in ends else None,
            "best_apr": max(ends, key=_low) if None not in ends else None,
            "hours": int(pair[f"hours_{length}d"]),
            "of_hours": int(length * HOURS_PER_DAY),
        }
    window = _window(pair, sorted(lengths), terms)
    gross, why = _gross(pair, windows[str(window)], formed, terms, float(now[0]) if len(now) else math.nan)
    scatter = _number(pair["scatter_apr"])
    return Carry(window, windows, gross, why, received, None if scatter is None else LEVEL_90 * scatter / math.sqrt(window))


def _window(pair: Pair, lengths: Sequence[int], terms: Terms) -> int:
    """Days a pair is ranked by: as asked or, where its common history is shorter, the longest window within it."""
    hours = int(pair["history_hours"])
    if not terms.shorter or hours >= COVERAGE * terms.window * HOURS_PER_DAY:
        return terms.window
    return max((days for days in lengths if days * HOURS_PER_DAY <= hours), default=terms.window)


def _low(value: float | None) -> float:
    return math.inf if value is None else value


def _number(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _own(value: float | None, formed: Formed) -> float | None:
    found = _number(value)
    return None if found is None else formed.sign * found + formed.lock


def ahead(pair: Pair, days: Floats, hold: int) -> float | None:
    """Annual rate that is expected of a pair's spread, a minus b, over so many days; None where too little is known."""
    import numpy as np

    told = days[~np.isnan(days)]
    return _forecast(pair, 1, 0.0, float(told[0]) if len(told) else math.nan, hold)


def _expected(pair: Pair, formed: Formed, now: float, days: int) -> float | None:
    return _forecast(pair, formed.sign, formed.lock, now, days)


def _forecast(pair: Pair, sign: int, lock: float, now: float, days: int) -> float | None:
    mean, phi = _number(pair["mean_apr"]), _number(pair["phi"])
    if mean is None or phi is None or math.isnan(now):
        return None
    return expect(sign * mean + lock, phi, now, days)


def _held_ms(pair: Pair, formed: Formed, terms: Terms) -> int:
    """How long a trade is held: as asked, or to the expiry of a leg."""
    return terms.hold * MS_PER_DAY if formed.until is None else max(formed.until - int(pair["at"]), 1)


def whole_days(ms: int) -> int:
    """Days nearest to a time, 1 or more: what a forecast and a window take."""
    return max(round(ms / MS_PER_DAY), 1)


def _gross(pair: Pair, own: Mapping[str, Any], formed: Formed, terms: Terms, now: float) -> tuple[float | None, str]:
    if pair["clash"]:
        return None, str(pair["clash"])
    if terms.by == "expected":
        found = _expected(pair, formed, now, whole_days(_held_ms(pair, formed, terms)))
        n = int(pair["memory_days"])
        return found, "" if found is not None else f"{n} pairs of neighbouring days are no base for a forecast; {LEAST_DAYS} are"
    share, days = own["hours"] / own["of_hours"], own["of_hours"] / HOURS_PER_DAY
    return own["realised_apr"], f"{share:.0%} of the hours of {days:g} days are covered by fixings of all legs, fewer than 90 %"


def line(pair: Pair, carry: Carry, formed: Formed, found: Costed, move: PairMove, terms: Terms) -> dict[str, Any]:
    """Build one line, but for its capacity.

    Parameters
    ----------
    pair : of the table of pairs. carry, found, move : what the trade receives, costs and bears.
    """
    held = _held_ms(pair, formed, terms)
    value = worth(carry.gross, carry.why, found, formed.trade, held / MS_PER_DAY)
    often = _often(carry, value, whole_days(held))
    why = dict(value.why) | ({"p_positive": often.why} if often.share is None else {})
    first = move.first
    why |= {"liquidation_move": move.why} if first is None else {}
    why |= {} if carry.noise is not None else {"noise_apr": "fewer than seven days of the window are covered", "grey": "as noise_apr"}
    why |= {} if found.opportunity.known else {"opportunity_apr": found.opportunity.note}
    expected = _at_hold(pair, carry, formed, whole_days(held))
    why |= (
        {} if expected is not None else {"expected_apr": f"{int(pair['memory_days'])} pairs of neighbouring days, {LEAST_DAYS} are asked"}
    )
    legs = list(zip(formed.trade.legs, formed.sides, strict=True))
    return {
        "symbol": pair["coin"],
        "kind": formed.trade.kind,
        "legs": [leg_told(pair, leg, side, carry.window) | ({} if side else dict(formed.told)) for leg, side in legs],
        "gross_apr": value.gross,
        "cost_bp": None if value.cost is None else value.cost * BP,
        "net_apr_notional": value.net,
        "net_apr_capital": value.on_capital,
        "breakeven_days": value.breakeven_days,
        "p_positive": often.share,
        "liquidation_move": None if first is None or first.move is None else to_float(first.move),
        "capacity": None,
        "why_null": why,
        "stands_on": terms.by,
        "window_days": carry.window,
        "younger": carry.window != terms.window,
        "hold_days": terms.hold if formed.until is None else held / MS_PER_DAY,
        "at": to_text(int(pair["at"])),
        "expected_apr": expected,
        "forecast": FORECAST,
        "windows": carry.windows,
        "known_cost_bp": found.known * BP,
        "costs_bounded": found.bounded,
        "net_apr_capital_at_most": value.at_most,
        "hold_apr": value.held,
        "opportunity_apr": None if found.opportunity.value is None else to_float(found.opportunity.value),
        "noise_apr": carry.noise,
        "grey": carry.grey,
        "capital": to_float(formed.trade.capital),
        "notional": terms.notional,
        "persistence": {"n": often.n, "effective_n": often.effective, "low_90": often.low, "high_90": often.high},
        "liquidation": {"first": None if first is None else first.told(), "legs": [each.told() for each in move.legs]},
        "certificate": certificate(pair, carry.window),
        "synthetic": bool(pair["synthetic"]),
        "assumed": [*terms.assumed, *formed.assumed],
        "notes": [*formed.notes, *_short_of(carry, terms)],
    } | ({} if formed.until is None else {"lock_apr": formed.lock, "expires": to_text(formed.until)})


def _short_of(carry: Carry, terms: Terms) -> list[str]:
    """Say where another window than the one asked for had to do."""
    return [] if carry.window == terms.window else [f"no {terms.window} days of common history yet: ranked by {carry.window}"]


def _often(carry: Carry, value: Worth, days: int) -> Persistence:
    hurdle = value.hurdle
    if hurdle is None:
        return Persistence(None, 0, 0.0, why=value.why["net_apr_notional"])
    return persistence(carry.days, days, hurdle)


def _at_hold(pair: Pair, carry: Carry, formed: Formed, days: int) -> float | None:
    import numpy as np

    now = carry.days[~np.isnan(carry.days)]
    return _expected(pair, formed, float(now[0]) if len(now) else math.nan, days)


def with_capacity(row: dict[str, Any], found: Capacity) -> dict[str, Any]:
    """Enter the capacity, and what bounds it, or why there is none."""
    row["capacity"] = found.notional
    row["capacity_bound"] = found.bound
    if found.notional is None:
        row["why_null"]["capacity"] = found.why
    return row


def leg_told(pair: Pair, leg: Leg, side: str, window: int) -> dict[str, Any]:
    """Tell one leg: where, which side, which payoff, and what it paid its shorts in the ranking window (days)."""
    found: dict[str, Any] = {
        "venue": leg.venue,
        "side": leg.side,
        "payoff": leg.market,
        "symbol": leg.symbol,
        "leverage": to_float(leg.leverage),
        "ratio": to_float(leg.ratio),
        "liquidity": leg.liquidity,
    }
    if not side:
        return found
    apr = _number(pair[f"{side}_apr_{window}d"])
    return found | {
        "native_id": pair[f"{side}_native_id"],
        "market_list": pair[f"{side}_market_list"] or None,
        "units_per_contract_of_coin": _multiple(leg.symbol),
        "rate": pair[f"{side}_rate"],
        "interval_hours": pair[f"{side}_hours"],
        "intervals": pair[f"{side}_intervals"],
        "last": to_text(int(pair[f"{side}_last"])),
        "apr": apr,
        "received_apr": None if apr is None else -leg.sign * to_float(leg.ratio) * apr,
        "n": pair[f"{side}_n_{window}d"],
        "sum": pair[f"{side}_sum_{window}d"],
    }


def _multiple(symbol: str) -> int:
    """Coins in one unit of a symbol: 1000 of 1000PEPE."""
    base = parse_symbol(symbol)[0]
    digits = base[: len(base) - len(base.lstrip("0123456789"))]
    return int(digits) if digits and set(digits[1:]) <= {"0"} and digits[0] == "1" and len(digits) > 3 and len(base) > len(digits) else 1  # noqa: PLR2004 - 1000 and more


def certificate(pair: Pair, window: int) -> dict[str, Any]:
    """Say what a line rests on: which fixings, by digest, and how much of the ranking window (days) they cover."""
    length, hours = window * int(HOURS_PER_DAY), int(pair[f"hours_{window}d"])
    digests = [pair[f"{side}_digest"] for side in "ab" if pair[f"{side}_digest"]]
    return {
        "digests": digests,
        "window_end": to_text(int(pair["end"])),
        "hours": hours,
        "of_hours": length,
        "complete": hours == length,
        "history_hours": int(pair["history_hours"]),
    }
