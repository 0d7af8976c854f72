"""What does one trade cost in all, part by part, in basis points and in money, and how long must it be held to pay for itself?

Every part keeps its status, source and note. A total is known where all its parts are; else it is null, with the reasons. What may
happen and need not (liquidation, delivery, a transfer) stands beside the totals, not in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from perpscope.errors import InputError
from perpscope.market.instrument import parse_symbol
from perpscope.market.number import INF, Number
from perpscope.market.time import to_text
from perpscope.trading.costs.figure import Figure, summed
from perpscope.trading.costs.parts import TradeCosts, held, turn
from perpscope.units import HOURS_PER_DAY, HOURS_PER_YEAR, Rate

if TYPE_CHECKING:
    from perpscope.trading.trade import Trade

Per = Literal["fill", "year", "event", "transfer", "seconds"]
_BP = 10_000
_DAYS = HOURS_PER_YEAR / HOURS_PER_DAY
_PAID = "a carry that is not above what holding costs"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a cost.

    Parameters
    ----------
    part, leg : what, and of which leg ("" of the whole trade). when : in, out, held, or if what may happen happens.
    figure : fraction of the trade's notional; of a transfer, units of `unit`; of a tolerance, seconds.
    """

    part: str
    leg: str
    when: str
    per: Per
    figure: Figure
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All parts of a trade's cost, and what they come to.

    Parameters
    ----------
    trade, costs, at, notional : what was asked; quote units. prices : leg name -> price of one base unit.
    rate : carry the trade receives on its notional, simple; None where none was given.
    """

    trade: Trade
    costs: TradeCosts
    at: int
    notional: Number
    prices: Mapping[str, Number] = field(default_factory=dict)
    rate: Rate | None = None

    def __post_init__(self) -> None:
        """Refuse notionals that are none."""
        if not 0 < self.notional < INF:
            raise InputError("the notional of a trade", f"{float(self.notional):g}", "Give a value above 0, in quote units.")

    def parts(self) -> Iterator[Part]:
        """Yield every part, those of the round trip first."""
        for opening, when in ((True, "in"), (False, "out")):
            for name, figure in self.turned(opening=opening).items():
                part, leg, _ = name.split(" ")
                yield Part(part, leg, when, "fill", figure)
        for name, figure in held(self.costs, self.trade.legs).items():
            part, leg = name.split(" ")
            yield Part(part, leg, "held", "year", figure)
        yield Part("opportunity", "", "held", "year", self.costs.opportunity.times(self.trade.capital))
        yield from self._possible()

    def _possible(self) -> Iterator[Part]:
        """Yield what may happen."""
        for leg, own in zip(self.trade.legs, self.costs.legs, strict=True):
            if leg.market != "spot" and leg.leverage > 1:
                yield Part("liquidation", leg.name, "if liquidated", "event", own.liquidation.times(leg.ratio))
            if leg.market == "dated":
                yield Part("delivery", leg.name, "if held to expiry", "event", own.delivery.times(leg.ratio))
            if leg.perpetual:
                yield Part("tolerance", leg.name, "if filled near a stamp", "seconds", own.tolerance, "s")
        if len(self.trade.venues) > 1:
            yield Part("transfer fee", "", "if collateral moves", "transfer", self.costs.transfer.fee, self.costs.transfer.asset)
            yield Part("transfer time", "", "if collateral moves", "transfer", self.costs.transfer.hours, "h")

    def turned(self, *, opening: bool) -> dict[str, Figure]:
        """Parts of entering or leaving."""
        prices = [self.prices.get(leg.name) for leg in self.trade.legs]
        return turn(self.costs, self.trade.legs, self.notional, self.at, opening=opening, prices=prices)

    @property
    def totals(self) -> dict[str, Figure]:
        """Entering, leaving, both, holding a year, and a year of what the capital earns elsewhere: fractions of the trade's notional."""
        into, out = (summed(self.turned(opening=opening)) for opening in (True, False))
        return {
            "in": into,
            "out": out,
            "round_trip": summed({"in": into, "out": out}),
            "held_per_year": summed(held(self.costs, self.trade.legs)),
            "opportunity_per_year": self.costs.opportunity.times(self.trade.capital),
        }

    @property
    def breakeven_days(self) -> Figure:
        """Days of the given carry that pay for the round trip and for holding so long; its note says what was left out."""
        totals = self.totals
        if self.rate is None:
            return Figure.unknown("no carry was given; give --rate, such as 0.01%/8h")
        needed = {"round trip": totals["round_trip"], "holding": totals["held_per_year"]}
        idle = totals["opportunity_per_year"]
        whole = summed(needed | ({"opportunity": idle} if idle.known else {}))
        if whole.value is None:
            return whole
        without = "" if idle.known else "before what the capital would earn elsewhere, which is not given"
        cost = float(totals["round_trip"].needed("the round trip"))
        yearly = float(whole.value) - cost
        earned = self.rate.over(HOURS_PER_DAY).value
        if cost <= 0:
            return Figure(0.0, whole.status, whole.source, "entering and leaving are paid for by rebates")
        if earned * _DAYS <= yearly:
            return Figure.unknown(f"never: {earned:.4%} a day is {_PAID}, {yearly / _DAYS:.4%} a day")
        return Figure(cost / (earned - yearly / _DAYS), whole.status, whole.source, without)

    def answer(self) -> dict[str, object]:
        """Tell it all: trade, parts, totals, capital, break-even, and why a field is null."""
        totals, why = self.totals, dict[str, str]()
        capital, pays = self.trade.capital, self.breakeven_days
        found: dict[str, object] = {
            "trade": _trade(self.trade),
            "at": to_text(self.at),
            "notional": self.notional,
            "quote": self.quote,
            "parts": self.rows(),
            "totals": {name: self._total(figure) for name, figure in totals.items()},
            "capital": {
                "margins": {leg.name: leg.ratio / leg.leverage * self.notional for leg in self.trade.legs},
                "buffer": self.trade.collateral.buffer * self.notional,
                "total": capital * self.notional,
                "per_notional": capital,
            },
            "cost_bp_on_notional": _bp(totals["round_trip"]),
            "cost_bp_on_capital": _bp(totals["round_trip"].times(1 / capital)),
            "rate": None if self.rate is None else f"{self.rate.value * 100:.10g}%/{self.rate.per:g}h",
            "breakeven_days": pays.value,
            "breakeven_note": pays.note if pays.known and pays.note else None,
            "assumed": sorted({f"{p.part} {p.leg}".strip() + f": {p.figure.source}" for p in self.parts() if p.figure.status == "assumed"}),
        }
        for name in ("cost_bp_on_notional", "cost_bp_on_capital"):
            if found[name] is None:
                why[name] = totals["round_trip"].note
        if not pays.known:
            why["breakeven_days"] = pays.note
        why |= {f"totals.{name}": figure.note for name, figure in totals.items() if not figure.known}
        return found | {"why_null": why}

    def rows(self) -> list[dict[str, object]]:
        """Tell every part: {part, leg, when, per, bp, money, value, unit, status, source, note, range}.

        `money` is in the quote asset; contracts that settle in coin are charged in coin: `charged`, where its price is known.
        """
        return [self._row(part) for part in self.parts()]

    @property
    def quote(self) -> str:
        """Quote asset of the first leg, in which money is told."""
        return parse_symbol(self.trade.legs[0].symbol)[1]

    def _row(self, part: Part) -> dict[str, object]:
        fraction = part.per in {"fill", "year", "event"}
        figure = part.figure
        row: dict[str, object] = {"part": part.part, "leg": part.leg or None, "when": part.when, "per": part.per}
        row |= {"bp": _bp(figure) if fraction else None, "money": self._money(part), "value": figure.value if not fraction else None}
        row |= {"unit": part.unit or None, "status": figure.status, "source": figure.source or None, "note": figure.note or None}
        row |= self._charged(part, row["money"])
        if figure.span is not None:
            row["range"] = [float(end * _BP) if fraction else float(end) for end in figure.span]
        return row

    def _charged(self, part: Part, money: object) -> dict[str, object]:
        """Return what an inverse contract's venue charges in its coin; nothing for other legs."""
        leg = next((each for each in self.trade.legs if each.name == part.leg and each.market == "inverse"), None)
        price = self.prices.get(part.leg)
        if leg is None or part.per != "fill" or not isinstance(money, int | float | Fraction):
            return {}
        return {"charged": money / price if price else None, "charged_in": leg.asset}

    def _money(self, part: Part) -> Number | None:
        """Money of a part in the quote asset; None where it is not known, or is in another asset."""
        if part.figure.value is None or part.per == "seconds" or part.unit == "h":
            return None
        if part.per == "transfer":
            return part.figure.value if part.unit in {self.quote, ""} else None
        return part.figure.value * self.notional

    def _total(self, figure: Figure) -> dict[str, object]:
        money = None if figure.value is None else figure.value * self.notional
        found: dict[str, object] = {"bp": _bp(figure), "money": money, "status": figure.status}
        return found if figure.span is None else found | {"range": [float(end * _BP) for end in figure.span]}


def _bp(figure: Figure) -> Number | None:
    return None if figure.value is None else figure.value * _BP


def _trade(trade: Trade) -> dict[str, object]:
    legs = [
        {
            "venue": leg.venue,
            "symbol": leg.symbol,
            "side": leg.side,
            "payoff": leg.market,
            "ratio": leg.ratio,
            "leverage": leg.leverage,
            "liquidity": leg.liquidity,
        }
        for leg in trade.legs
    ]
    return {"kind": trade.kind, "name": trade.called, "legs": legs}
