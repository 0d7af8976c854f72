"""How would trades have come through a storm, and what does a coarser look at it hide?

Each trade of a storm is run at each leverage through each look. A row says whether it was liquidated, when, at which price and how far
that was from where its margin ended, and how much more margin would have kept it alive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.number import INF, Number
from perpscope.market.time import to_text
from perpscope.runs.backtest import Pricing, Question, Run, run_on
from perpscope.runs.contrast import without_halts
from perpscope.runs.history import Gathered, Wanted, gather
from perpscope.simulation.storm import Look, Storm, Trial
from perpscope.trading.backtest.model import Bars, Event, LegHistory
from perpscope.trading.margin import Holding, liquidation
from perpscope.trading.shortfall import Shortfall, shortfall
from perpscope.trading.trade import Leg, Policy, Trade

if TYPE_CHECKING:
    from perpscope.store import Store


ONE_LIFE = Policy(rest_hours=INF)
"""Opened once, and never again after it was closed or liquidated."""
_LEFT_ALONE = "winning positions are assumed to be left alone: deleveraging is not part of a run"


@dataclass(frozen=True, slots=True)
class Money:
    """With which money and costs trades go into a storm.

    Parameters
    ----------
    notional : of each trade. costs : as of any backtest. leverages : in place of the storm's own; () keeps them.
    """

    notional: Number
    costs: Pricing
    leverages: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Weathered:
    """What a storm made of its trades.

    Parameters
    ----------
    storm : which. rows : one a trade, leverage and look. moves : per look and leg, the largest moves inside one bar. halts : trades
        with and without the halts. assumed, unknown : over all runs, each once. certificates : digest of the rows behind each look.
        missing : looks and trades that the store has not the rows for, and what to import.
    """

    storm: Storm
    rows: tuple[Mapping[str, Any], ...]
    moves: tuple[Mapping[str, Any], ...]
    halts: tuple[Mapping[str, Any], ...]
    assumed: tuple[str, ...]
    unknown: Mapping[str, str]
    certificates: Mapping[str, str]
    missing: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Write it for a machine."""
        return {
            "scenario": self.storm.name,
            "says": self.storm.says,
            "window": [to_text(self.storm.start), to_text(self.storm.end)],
            "looks": [{"look": look.label, "bar_hours": look.bar_hours, "closes_only": look.closes_only} for look in self.storm.looks],
            "rows": [dict(row) for row in self.rows],
            "largest_moves": [dict(row) for row in self.moves],
            "halts": [dict(row) for row in self.halts],
            "missing": list(self.missing),
            "assumed": list(self.assumed),
            "unknown": dict(self.unknown),
            "certificate": dict(self.certificates),
        }


def weather(store: Store, storm: Storm, money: Money) -> Weathered:
    """Run all trades of a storm.

    Raises
    ------
    NotEnoughData
        When the store has nothing that the storm needs; it says what to import.
    """
    rows: list[Mapping[str, Any]] = []
    moves: dict[tuple[str, str], Mapping[str, Any]] = {}
    halts: list[Mapping[str, Any]] = []
    assumed: dict[str, None] = {_LEFT_ALONE: None}
    unknown: dict[str, str] = {}
    certificates: dict[str, str] = {}
    missing: list[NotEnoughData] = []
    for look in storm.looks:
        for trial in storm.trials:
            try:
                gathered = _gathered(store, storm, trial, look)
            except NotEnoughData as problem:
                missing.append(problem)
                continue
            certificates[f"{look.label}: {trial.label}"] = gathered.certificate.digest
            for leg, history in zip(trial.legs, gathered.histories, strict=True):
                moves.setdefault((look.label, leg.name), {"look": look.label, "leg": leg.name, **largest_moves(history.bars)})
            for leverage in trial.leverages if trial.fixed else money.leverages or trial.leverages:
                run = _run(gathered, trial, leverage, money)
                if isinstance(run, str):
                    rows.append(_head(trial, leverage, look) | {"refused": run})
                    continue
                rows.append(_head(trial, leverage, look) | _fate(run, gathered))
                assumed |= dict.fromkeys(run.document()["assumed"])
                unknown |= run.answers["unknown"]
                halts += _halted(storm, trial, leverage, look, run)
    if not certificates:
        raise missing[0]
    lacks = tuple(dict.fromkeys(str(problem) for problem in missing))
    return Weathered(storm, tuple(rows), tuple(moves.values()), tuple(halts), tuple(assumed), unknown, certificates, lacks)


def _gathered(store: Store, storm: Storm, trial: Trial, look: Look) -> Gathered:
    """Histories of a trial's legs, as the look sees them.

    Raises
    ------
    NotEnoughData
        When the store lacks them.
    """
    trade = Trade(trial.kind, trial.legs, trial.collateral)
    stands = {name: other for name, other in look.price_of.items() if any(leg.name == name for leg in trial.legs)}
    wanted = Wanted(storm.start, storm.end, look.bar_hours, price_of=stands)
    try:
        found = gather(store, trade, wanted)
    except NotEnoughData as problem:
        need = "; ".join(storm.needs)
        raise NotEnoughData(f"{storm.name}, {look.label}", f"{problem.asked}: {problem.there}", f"It needs: {need}.") from None
    if not look.closes_only:
        return found
    bare = tuple(replace(history, bars=closes(history.bars)) for history in found.histories)
    return replace(found, histories=bare)


def closes(bars: Bars) -> Bars:
    """Return bars that remember nothing but their closes."""
    return replace(bars, high=bars.mark, low=bars.mark, open=None)


def _run(gathered: Gathered, trial: Trial, leverage: float, money: Money) -> Run | str:
    """Run one trial, or say why it could not be opened."""
    first = replace(trial.legs[0], leverage=leverage)
    trade = Trade(trial.kind, (first, *trial.legs[1:]), trial.collateral, ONE_LIFE)
    try:
        return run_on(gathered, Question(trade, Wanted(), money.costs, notional=money.notional))
    except InputError as problem:
        return str(problem)


def _head(trial: Trial, leverage: float, look: Look) -> dict[str, Any]:
    return {"trade": trial.label, "leverage": leverage, "look": look.label}


def _fate(run: Run, gathered: Gathered) -> dict[str, Any]:
    """Tell what became of a trade: of its first leg, whose leverage is tried."""
    leg, history = run.question.trade.legs[0], gathered.histories[0]
    hit = next((event for event in run.result.events if event.what == "liquidated"), None)
    lacked, limit, value = _needed(leg, history, run)
    missing = float(lacked.missing) / value
    moved = sum(float(str(event.detail["amount"])) for event in run.result.events if event.what == "moved")
    found = {
        "liquidated": hit is not None,
        "at": None if hit is None else to_text(hit.at),
        "leg": None if hit is None else hit.leg,
        "margin_ended_at": limit,
        "filled_at": None if hit is None else hit.detail["price"],
        "gap": _gap(leg, hit, limit),
        "bar_closed_beyond": _gap(leg, hit, limit, "mark"),
        "insurance": None if hit is None else hit.detail["insurance"],
        "margin_missing": max(missing, 0.0),
        "missing_most_at": to_text(lacked.at) if missing > 0 else None,
        "worst_price": float(lacked.price),
        "topped_up": moved / run.result.notional if run.result.notional else 0.0,
    }
    return {**found, **{name: run.answers[name] for name in ("net_return", "max_drawdown", "liquidations")}}


def _needed(leg: Leg, history: LegHistory, run: Run) -> tuple[Shortfall, float | None, float]:
    """Margin a leg lacked at the worst moment, price at which its margin ended, and its value at entry (settle asset).

    The costs of opening are taken off the margin; funding paid on the way and top-ups, which the backtest counts, are left out.
    """
    bars, contract, notional = history.bars, history.listing.contract, float(run.result.notional * leg.ratio)
    asked = history.requirement
    if asked is None:
        raise InputError(f"the margin of {leg.name}", history.why_no_requirement, "Give --maintenance.")
    entry, size = float(bars.trade[0]), float(contract.size)
    units = notional / (size if contract.payoff == "inverse" else size * entry)
    holding = Holding(contract, leg.sign * units, entry)
    value = float(holding.value(entry))
    paid = run.costs.legs[0].fill(bars.known[0], "buy" if leg.side == "long" else "sell", notional, leg.liquidity)
    margin = value / float(leg.leverage) - value * sum(float(figure.value) for figure in paid.values() if figure.value is not None)
    extremes = bars.low if leg.side == "long" else bars.high
    path = list(zip(bars.known[1:], extremes[1:], strict=True))
    limit = liquidation(holding, asked, margin).price
    return shortfall(holding, asked, margin, path), None if limit is None else float(limit), value


def _gap(leg: Leg, hit: Event | None, limit: float | None, what: str = "price") -> float | None:
    """How much worse than the end of the margin a price of the event was, a share of that; > 0 is worse."""
    if hit is None or limit is None or hit.leg != leg.name:
        return None
    return -leg.sign * (float(str(hit.detail[what])) / limit - 1)


def _halted(storm: Storm, trial: Trial, leverage: float, look: Look, run: Run) -> Iterator[Mapping[str, Any]]:
    """Run a trade that moves money with its storm's halts beside the run without; others hold still whether they may trade or not."""
    spans = storm.halts
    if trial.collateral.top_up is None or not any(leg.venue in spans for leg in trial.legs):
        return
    histories = tuple(
        replace(history, halts=spans.get(leg.venue, ())) for leg, history in zip(trial.legs, run.gathered.histories, strict=True)
    )
    stopped = run_on(replace(run.gathered, histories=histories), run.question)
    told = without_halts(stopped)
    yield {
        **_head(trial, leverage, look),
        "cost": told["cost"],
        "net_return": stopped.answers["net_return"],
        "net_return_without": run.answers["net_return"],
        "liquidations": stopped.answers["liquidations"],
        "liquidations_without": run.answers["liquidations"],
        "refused_or_waiting": sum(event.what in {"refused", "waiting"} for event in stopped.result.events),
    }


def largest_moves(bars: Bars) -> dict[str, Any]:
    """Largest fall and rise from a close to the extreme of the next bar, as shares of that close, and when.

    Examples
    --------
    >>> found = largest_moves(Bars([0, 1, 2], [100, 90, 95], [100, 90, 95], [100, 101, 99], [100, 85, 90]))
    >>> round(found["fall"], 2), found["fall_at"], round(found["rise"], 2)
    (-0.15, '1970-01-01T00:00:00.001Z', 0.1)
    """
    steps = range(1, len(bars.known))
    fall = min(steps, key=lambda k: bars.low[k] / bars.mark[k - 1])
    rise = max(steps, key=lambda k: bars.high[k] / bars.mark[k - 1])
    return {
        "bars": len(bars.known),
        "bar_hours": bars.step_hours,
        "mark_is": bars.mark_is,
        "fall": float(bars.low[fall] / bars.mark[fall - 1] - 1),
        "fall_at": to_text(bars.known[fall]),
        "rise": float(bars.high[rise] / bars.mark[rise - 1] - 1),
        "rise_at": to_text(bars.known[rise]),
    }
