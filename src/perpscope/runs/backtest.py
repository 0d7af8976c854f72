"""What would a trade have earned on the rows of a store?

Histories are gathered, costs looked up, the fold is run, and the answer says beside every number what it rests on: the window, the
resolution, the marks, what was assumed, what is not known, and the certificate of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.errors import NotEnoughData
from perpscope.market.number import Number, to_float
from perpscope.market.time import length_text, to_text
from perpscope.runs.history import Gathered, Wanted, gather
from perpscope.runs.impact import grown
from perpscope.runs.legs import exposure
from perpscope.runs.told import Lack
from perpscope.trading.backtest.fold import backtest
from perpscope.trading.backtest.model import Event, MissingData, Plan, Result
from perpscope.trading.backtest.summary import summary
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import TradeCosts
from perpscope.trading.trade import Policy, Trade
from perpscope.units import HOURS_PER_YEAR, MS_PER_DAY

if TYPE_CHECKING:
    from perpscope.store import Store

Pricing = Callable[[Trade, int, Number, Mapping[str, Number]], TradeCosts]
"""What a trade entered at a moment (ms UTC) with a notional costs, at prices of its legs by name."""
_CURVE = 500
"""Most points of the equity curve in an answer."""
_MOMENTS = {"since", "until", "arrives", "price_of"}
"""Details of events that are ms UTC."""


@dataclass(frozen=True, slots=True)
class Question:
    """A trade, the part of history it is run over, and with how much money and rigour.

    Parameters
    ----------
    trade, wanted : as they are. costs : see `Pricing`. capital, notional : money of the reporting asset, one of them at least.
    strict : refuse every kind of missing input. missing : what a missing price does: "stop" or "skip"; None stops a strict run only, which
        goes over none in any case.
    compound : size openings by the money there is then. close : close what is held at the end. risk_free : simple annual rate.
    impact : coefficient of the square-root law by which fills get dearer with their size; None leaves fills as the costs have them.
    """

    trade: Trade
    wanted: Wanted
    costs: Pricing
    capital: Number | None = None
    notional: Number | None = None
    strict: bool = False
    missing: MissingData | None = None
    compound: bool = False
    close: bool = True
    risk_free: float = 0.0
    impact: Figure | None = None

    def plan(self, *, keep_ledger: bool = False) -> Plan:
        """Write it for the fold."""
        missing: MissingData = self.missing or ("stop" if self.strict else "skip")
        return Plan(
            capital=self.capital,
            notional=self.notional,
            strict=self.strict,
            missing=missing,
            compound=self.compound,
            close=self.close,
            keep_ledger=keep_ledger,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A question with its answer.

    Parameters
    ----------
    question, gathered, costs, result : as they are. answers : the summary of the result.
    """

    question: Question
    gathered: Gathered
    costs: TradeCosts
    result: Result
    answers: Mapping[str, Any]

    @property
    def money(self) -> float:
        """What was gained, in the reporting asset."""
        return to_float(self.result.amount(self.result.equity[-1] - self.result.equity[0]))

    def document(self) -> dict[str, Any]:
        """Write everything for a machine."""
        found = dict(self.answers)
        counts = found.pop("events")
        notional = self.result.notional
        on_notional = self.money / notional if notional else None
        hours = self.answers["hours"]
        return {
            **found,
            "certificate": self.gathered.certificate.to_dict(),
            "trade": self.question.trade.called,
            "kind": self.question.trade.kind,
            "policy": policy_of(self.question.trade.policy),
            "net_return_notional": on_notional,
            "apr_notional": None if on_notional is None else on_notional / hours * HOURS_PER_YEAR,
            "apr_capital": found["apr"],
            "exposure": exposure(self.question.trade.legs),
            "resolution": resolution(self.gathered),
            "mark_is": {leg["leg"]: leg["mark_is"] for leg in self.gathered.legs},
            "legs": [dict(leg) for leg in self.gathered.legs],
            "missing": [lack.told for lack in self.gathered.lacks],
            "assumed": list(dict.fromkeys([*self.gathered.assumed, *found["assumed"]])),
            "equity_curve": curve(self.result),
            "events_by_kind": counts,
            "events": [event(one) for one in self.result.events],
            "window": window_told(self.question.wanted, self.gathered),
        }


def run_backtest(store: Store, question: Question) -> Run:
    """Answer one question.

    Raises
    ------
    NotEnoughData
        When the store lacks prices or funding of a leg; in a strict run, anything.
    CatalogueError
        In a strict run, when a cost is not known.
    InputError
        When the question does not fit the data.
    """
    return run_on(gather(store, question.trade, question.wanted), question)


def run_on(gathered: Gathered, question: Question) -> Run:
    """Answer a question on histories at hand, as `run_backtest` does."""
    if question.strict:
        refuse(gathered.lacks)
    trade = question.trade
    prices = {leg.name: history.bars.trade[0] for leg, history in zip(trade.legs, gathered.histories, strict=True)}
    costs = question.costs(trade, gathered.start, notional_of(question), prices)
    if question.impact is not None:
        costs = grown(costs, gathered.series, question.impact)
    result = backtest(trade, gathered.histories, costs, question.plan())
    opportunity = costs.opportunity if costs.opportunity.known else None
    return Run(question, gathered, costs, result, summary(result, risk_free=question.risk_free, opportunity=opportunity))


def notional_of(question: Question) -> Number:
    """Notional of the first opening, in the reporting asset."""
    if question.notional is not None:
        return question.notional
    trade = question.trade
    ways = [trade, trade.reversed()] if trade.policy.follow else [trade]
    return 0 if question.capital is None else question.capital / max(way.capital for way in ways)


def refuse(lacks: Sequence[Lack]) -> None:
    """Stop a strict run at what is missing.

    Raises
    ------
    NotEnoughData
        Naming the first thing, and how many there are.
    """
    if not lacks:
        return
    others = f" ({len(lacks) - 1} more are missing: {', '.join(lack.asked for lack in lacks[1:])})" if lacks[1:] else ""
    raise NotEnoughData(lacks[0].asked, lacks[0].there + others, lacks[0].do)


def policy_of(policy: Policy) -> dict[str, Any]:
    """Tell a policy for a reader; rates a year, infinite ones as null."""
    return {
        "enter_apr": policy.enter,
        "exit_apr": policy.exit,
        "look": policy.look,
        "follow": policy.follow,
        "stay_hours": policy.stay_hours,
        "rest_hours": policy.rest_hours,
        "most_hours": policy.most_hours,
    }


def resolution(gathered: Gathered) -> dict[str, Any]:
    """Tell how finely decisions are made and liquidations are seen."""
    decides = max(series.hours for series in gathered.series)
    seen = {
        leg["leg"]: {"bar_hours": series.hours, "inside_bars": series.has_extremes}
        for leg, series in zip(gathered.legs, gathered.series, strict=True)
    }
    fine = all(series.has_extremes for series in gathered.series)
    how = "by the highs and lows inside the bars" if fine else "at closes only where no highs and lows are held"
    return {"decision_hours": decides, "liquidation": seen, "says": f"decided every {length_text(decides)}; liquidations are seen {how}"}


def window_told(wanted: Wanted, gathered: Gathered) -> dict[str, Any]:
    """Tell the window asked for and the one used."""
    return {
        "asked": [None if ms is None else to_text(ms) for ms in (wanted.start, wanted.end)],
        "used": [to_text(gathered.start), to_text(gathered.end)],
        "days": (gathered.end - gathered.start) / MS_PER_DAY,
    }


def curve(result: Result) -> list[list[Any]]:
    """Equity over time, [time, money]: every point, or evenly spaced ones with both ends where there are many."""
    n = len(result.at)
    step = max(1, -(-n // _CURVE))
    places = sorted({*range(0, n, step), n - 1})
    unit = 10**result.places
    return [[to_text(result.at[k]), result.equity[k] / unit] for k in places]


def event(one: Event) -> dict[str, Any]:
    """Write an event for a machine; moments in its details become texts, as all others are."""
    told = {name: to_text(value) if name in _MOMENTS and isinstance(value, int) else value for name, value in one.detail.items()}
    return {"at": to_text(one.at), "what": one.what, "leg": one.leg or None, **told}
