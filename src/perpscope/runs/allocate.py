"""Which of the trades a scan found are taken, at what size, by what the store knows of them?

Costs by size come from the same objects that the scan and the backtest charge; how trades move together from what their legs paid before
the moment asked for. What cannot be weighed is named with its reason; a strict run stops there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from perpscope.errors import CatalogueError, InputError, NotEnoughData
from perpscope.market.time import to_text
from perpscope.runs.contracts import Margins, asked_of
from perpscope.runs.daily import Days, paid_daily, received
from perpscope.runs.leg_terms import LegTerms
from perpscope.trading.allocation.candidate import Candidate
from perpscope.trading.allocation.explain import explained
from perpscope.trading.allocation.limits import Aim, Limits
from perpscope.trading.allocation.plan import Plan, plan
from perpscope.trading.allocation.risk import LEAST_DAYS, Risk, given_risk, horizon_risk
from perpscope.trading.allocation.rows import Priced, Refused, Terms, candidate_of, held_of, legs_of, name_of
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import TradeCosts, held, round_trip
from perpscope.trading.scan.value import turned
from perpscope.trading.trade import Collateral, Leg, Trade

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from perpscope.store import Store

    Floats = npt.NDArray[np.float64]

HISTORY_DAYS = 365


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked.

    Parameters
    ----------
    at : moment of the plan, ms UTC; nothing after it plays a part. limits, aim, terms : as they are.
    costing : where costs by size come from; None takes the rows' own cost_bp at every size (assumed).
    margins : maintenance as the user states it, where a stress move asks for it.
    history_days : days before the moment that risk is taken from.
    daily : covariance of one day's carry, in the order of the rows, where the user states it. sd_1d : deviation of one day's carry of every
        trade, taken as independent of the others (assumed), where nothing else is known.
    strict : whether an unknown stops.
    """

    at: int
    limits: Limits
    aim: Aim
    terms: Terms
    costing: LegTerms | None = None
    margins: Margins = field(default_factory=Margins)
    history_days: int = HISTORY_DAYS
    daily: Floats | None = None
    sd_1d: float | None = None
    strict: bool = False

    @property
    def asks_risk(self) -> bool:
        """Whether how trades move together plays a part."""
        return self.aim.aversion > 0 or self.limits.sd is not None or self.limits.together is not None


@dataclass(frozen=True, slots=True, eq=False)
class Allocated:
    """The plan, and its document: what `explained` gives, with at, candidates (how many), refused and certificate."""

    found: Plan
    document: Mapping[str, Any]


def allocate(rows: Sequence[Mapping[str, Any]], asked: Question, store: Store | None = None) -> Allocated:
    """Choose and size trades among the rows of a scan.

    Parameters
    ----------
    rows : as `carry scan --format json` gives them. store : whose history tells how the trades move together; None where that is stated.

    Raises
    ------
    InputError
        When a row is none, or risk is asked for and nothing tells it.
    CatalogueError
        Strict, and something is unknown.
    NotEnoughData
        When no trade is left that can be weighed.
    """
    if not rows:
        raise NotEnoughData(
            f"a plan at {to_text(asked.at)}", "there are no candidates", "Widen the scan, or name another moment with --at."
        )
    candidates, refused = list[Candidate](), dict[str, str]()
    places: list[int] = []
    for place, row in enumerate(rows):
        found = _candidate(row, asked)
        if isinstance(found, Refused):
            refused[found.name] = found.why
        else:
            candidates.append(found)
            places.append(place)
    risk, kept, frames = _risk(rows, places, asked, store, refused)
    chosen = [one for place, one in zip(places, candidates, strict=True) if place in kept]
    if asked.strict and refused:
        name, why = next(iter(refused.items()))
        raise CatalogueError(f"the trade {name}", why, "Give what is missing, leave it out of the candidates, or do without --strict.")
    if not chosen:
        told = "; ".join(f"{name}: {why}" for name, why in list(refused.items())[:3])
        raise NotEnoughData(
            f"a plan at {to_text(asked.at)}", f"none of {len(rows)} candidates can be weighed ({told})", "Give what is missing."
        )
    made = plan(chosen, asked.limits, asked.aim, risk, strict=asked.strict)
    found_plan = explained(made)
    document = {"at": to_text(asked.at), "candidates": len(rows)} | found_plan
    document["refused"] = [*({"name": name, "why": why} for name, why in refused.items()), *found_plan["refused"]]
    document["assumed"] = [*found_plan["assumed"], *_idle_limits(chosen, asked)]
    document["certificate"] = None if store is None or not frames else store.certificate(*frames).to_dict()
    return Allocated(made, document)


def _idle_limits(chosen: Sequence[Candidate], asked: Question) -> list[str]:
    """Say where liquidation limits nothing, and which venues have a limit of their own and no trade."""
    there = {venue for one in chosen for venue in one.venues}
    free = [] if asked.terms.move is not None else ["no stress move was asked for: liquidation limits nothing"]
    return free + [
        f"the limit of {venue} limits nothing: no candidate has a leg there" for venue in asked.limits.venues if venue not in there
    ]


def _candidate(row: Mapping[str, Any], asked: Question) -> Candidate | Refused:
    legs = legs_of(row, asked.terms.leverage)
    terms = asked.terms
    if terms.move is not None:
        terms = _with_margins(terms, legs, asked)
    if asked.costing is None:
        return candidate_of(row, terms)
    trade = Trade(row.get("kind", ""), held_of(row, terms).legs, Collateral(terms.buffer))
    own = asked.costing.costs(trade, asked.at)
    if own.opportunity.known and not terms.opportunity.known:
        terms = replace(terms, opportunity=own.opportunity)
    return candidate_of(row, terms, _priced(row, trade, own, asked.at))


def _priced(row: Mapping[str, Any], trade: Trade, own: TradeCosts, ms: int) -> Priced:
    """Costs by size: a dated leg is delivered, as the scan that says when it expires has it; fees per contract go by the price it tells."""
    prices = [leg.get("price") for leg in row["legs"]]

    def charge(size: float) -> Mapping[str, Figure]:
        if row.get("expires"):
            return turned(trade, own, size, ms, prices)
        return round_trip(own, trade.legs, size, ms, prices=prices)

    told = () if len(trade.venues) < 2 else ("money is taken to lie at the venues of a trade already: no transfer is counted (assumed)",)  # noqa: PLR2004 - from one to another
    return Priced(charge, held(own, trade.legs), told)


def _with_margins(terms: Terms, legs: Sequence[Leg], asked: Question) -> Terms:
    """Add the maintenance of legs, by the user's word or the table in force at the moment, for the largest size the capital allows."""
    kept = dict(terms.kept)
    for leg in legs:
        kept.setdefault(leg.name, _kept(leg, asked))
    return replace(terms, kept=kept)


def _kept(leg: Leg, asked: Question) -> Figure:
    found = asked_of(leg, (asked.at, asked.at), asked.margins)
    if found.requirement is None:
        return Figure.unknown(found.why or "no maintenance is on record")
    table = found.requirement.brackets
    told = "; ".join(found.assumed)
    if table.measure == "value" and leg.market in {"linear", "dated"}:
        size = min(asked.limits.capital * float(leg.leverage), float(table.largest))
        rate = float(table.maintenance(size)) / size
        return Figure(rate, "stated", "margin table in force", told)
    rate = float(table.tiers[0].maintenance)
    return Figure(rate, "assumed", "margin table in force; its first tier is taken at every size", told)


def _risk(
    rows: Sequence[Mapping[str, Any]], places: Sequence[int], asked: Question, store: Store | None, refused: dict[str, str]
) -> tuple[Risk | None, set[int], list[Any]]:
    """How the trades move together, which of them that is known of, and the rows of the store it rests on."""
    import numpy as np

    aim = asked.aim
    if not places or not asked.asks_risk:
        return None, set(places), []
    if asked.daily is not None:
        if asked.daily.shape != (len(rows), len(rows)):
            there = f"an array of shape {asked.daily.shape} for {len(rows)} candidates"
            raise InputError("a covariance of trades", there, "Give one row and column a candidate, in their order.")
        return given_risk(asked.daily[np.ix_(places, places)], aim.days, "covariance of a day as given"), set(places), []
    if asked.sd_1d is not None:
        flat = np.eye(len(places)) * asked.sd_1d**2
        told = f"every trade's carry deviates by {asked.sd_1d:g} of its notional a day, independently of the others (assumed)"
        return given_risk(flat, aim.days, told), set(places), []
    if store is None:
        there = "nothing tells how these trades move together"
        raise InputError("a plan that weighs risk", there, "Give --covariance FILE, assume --sd-1d, or ask for --risk 0 and no --sd-limit.")
    return _from_store(rows, places, asked, store, refused)


def _from_store(
    rows: Sequence[Mapping[str, Any]], places: Sequence[int], asked: Question, store: Store, refused: dict[str, str]
) -> tuple[Risk | None, set[int], list[Any]]:
    """Estimate it from what legs paid; trades without enough days in common with the others are refused, the shortest first."""
    import numpy as np

    known: dict[tuple[str, str], Days] = {}
    series: dict[int, Floats] = {}
    for place in places:
        legs = legs_of(rows[place], asked.terms.leverage)
        try:
            series[place] = _series([leg for leg in legs if leg.perpetual], known, asked, store)
        except NotEnoughData as short:
            refused[name_of(rows[place], legs)] = str(short)
    least = max(LEAST_DAYS, 2 * max(round(asked.aim.days), 1))
    while series:
        table = np.column_stack(list(series.values()))
        whole = table[np.isfinite(table).all(axis=1)]
        if len(whole) >= least:
            frames = [days.rows for days in known.values()]
            return horizon_risk(whole, asked.aim.days), set(series), frames
        shortest = min(series, key=lambda place: int(np.isfinite(series[place]).sum()))
        days = int(np.isfinite(series.pop(shortest)).sum())
        name = name_of(rows[shortest], legs_of(rows[shortest], asked.terms.leverage))
        refused[name] = f"{days} days of history before {to_text(asked.at)}, {least} in common with the others are needed to weigh its risk"
    return None, set(), []


def _series(legs: Sequence[Leg], known: dict[tuple[str, str], Days], asked: Question, store: Store) -> Floats:
    if not legs:
        raise NotEnoughData("the risk of a trade", "no leg of it pays funding", "Give its covariance, or ask for --risk 0.")
    for leg in legs:
        if (leg.venue, leg.symbol) not in known:
            known[leg.venue, leg.symbol] = paid_daily(store, leg.venue, leg.symbol, asked.at, asked.history_days)
    return received(legs, [known[leg.venue, leg.symbol] for leg in legs])
