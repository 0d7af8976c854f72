"""What is locked after costs, what is expected, what is the worst of twenty, and where does staying do as well?

All rates are simple, a year of 365 days, on the notional; what is received is above 0. Costs of entering and leaving are spread over the
days the rate is locked for (`locked_apr`) or over the time held (`expected_apr`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from perpscope.errors import InputError, NotEnoughData
from perpscope.trading.costs.figure import Figure, summed
from perpscope.trading.hedge.offer import DAYS_PER_YEAR, Offer, Stretch
from perpscope.trading.hedge.position import Position, borrowed, fills
from perpscope.trading.hedge.tail import Outlook, outlook

BP = 10_000
FIGURES = ("gross_apr", "locked_apr", "expected_apr", "worst_apr", "residual_risk", "cost_bp", "capital", "breakeven")
ROUNDING = 1e-9
"""Part of a contract's life beyond whole ones that asks for no further roll."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How the question is put: ms of the entry (UTC), seed of the draws, and what capital would earn elsewhere, a fraction a year."""

    ms: int
    seed: int = 1
    opportunity: Figure = field(default_factory=lambda: Figure.unknown("no opportunity cost is given"))

    def __post_init__(self) -> None:
        """Refuse seeds that are none."""
        if self.seed < 0:
            raise InputError("a seed", f"{self.seed}", "Give a whole number from 0.")


@dataclass(frozen=True, slots=True)
class Assessed:
    """One instrument, weighed; None where not known, with the reason in `why_null`.

    Parameters
    ----------
    offer : which. gross_apr : before costs, what is locked, or what is expected of what floats. locked_apr : net, over `offer.fixed_days`.
    expected_apr, worst_apr : net, over the time held; of twenty the worst.
    residual_risk : expected less worst. cost : of entering, rolling and leaving over the time held, by part, fractions of the notional.
    yearly : of holding, a year. capital : money per unit of notional.
    breakeven : floating rate, before costs, at which staying in the perpetual (or, of what floats itself, holding it) does as well.
    told : what a reader must know.
    """

    offer: Offer
    gross_apr: float | None
    locked_apr: float | None
    expected_apr: float | None
    worst_apr: float | None
    residual_risk: float | None
    cost: Mapping[str, Figure]
    yearly: Mapping[str, Figure]
    capital: Figure
    breakeven: float | None
    why_null: Mapping[str, str]
    told: tuple[str, ...]

    @property
    def cost_bp(self) -> float | None:
        """Cost over the time held, basis points of the notional."""
        whole = _whole(self.cost)
        return None if whole.value is None else float(whole.value) * BP


def assess(position: Position, offers: Sequence[Offer], asked: Asked) -> tuple[Assessed, ...]:
    """Weigh instruments for a position.

    Parameters
    ----------
    offers : the first one is staying in the perpetual, which the others' break-even is told against.
    """
    return tuple(_assessed(position, offer, offers[0], asked) for offer in offers)


def _assessed(position: Position, offer: Offer, stay: Offer, asked: Asked) -> Assessed:
    if offer.why_not:
        hole = Figure.unknown(offer.why_not)
        return Assessed(
            offer, None, None, None, None, None, {"cost": hole}, {}, hole, None, dict.fromkeys(FIGURES, offer.why_not), offer.told
        )
    why: dict[str, str] = {}
    once, yearly, capital = _cost(position, offer, asked, position.days), _yearly(offer, asked), offer.capital
    locked = _locked(position, offer, asked, why)
    mean, shortfall = _floating(offer, asked, why)
    gross = offer.fixed if offer.fixed is not None or mean is None else mean / position.days * DAYS_PER_YEAR
    drag = _per_year(once, yearly, position.days)
    expected = None
    if drag.value is None:
        why |= dict.fromkeys(("expected_apr", "worst_apr"), drag.note)
    elif mean is not None:
        expected = _fixed_part(position, offer) + mean / position.days * DAYS_PER_YEAR - float(drag.value)
    risk = None if offer.open_end or shortfall is None else shortfall / position.days * DAYS_PER_YEAR
    worst = None if expected is None or risk is None else expected - risk
    level = _breakeven(position, offer, stay, asked, locked, why)
    why |= _holes(offer, gross, _whole(once), why)
    return Assessed(offer, gross, locked, expected, worst, risk, once, yearly, capital, level, why, (*offer.told, *_uncounted(yearly)))


def _holes(offer: Offer, gross: float | None, cost: Figure, why: Mapping[str, str]) -> dict[str, str]:
    """Reasons of what is not known of the risk, the capital, the cost and the rate before costs."""
    found = dict.fromkeys(("residual_risk", "worst_apr"), offer.open_end) if offer.open_end else {}
    if offer.capital.value is None:
        found["capital"] = offer.capital.note
    if cost.value is None:
        found["cost_bp"] = cost.note
    if gross is None:
        found["gross_apr"] = why["residual_risk"]
    return found


def _cost(position: Position, offer: Offer, asked: Asked, days: float) -> dict[str, Figure]:
    """Cost of entering and leaving for some days, rolls included."""
    found = fills(offer.uses, position.notional, asked.ms) | dict(offer.once)
    times = math.ceil(days / offer.fixed_days - ROUNDING) - 1 if offer.rolled else 0
    if times > 0:
        again = fills(offer.again, position.notional, asked.ms)
        found |= {f"{part} again": figure.times(times) for part, figure in again.items()}
    return found


def _yearly(offer: Offer, asked: Asked) -> dict[str, Figure]:
    """Cost of holding: loans of coins, and what the capital would earn elsewhere; a hole where that asks for an unknown margin."""
    found, capital = borrowed(offer.uses), offer.capital
    if capital.value is None:
        return found | ({"margin": capital} if asked.opportunity.value else {})
    return found | {"opportunity": asked.opportunity.times(float(capital.value))}


def _uncounted(yearly: Mapping[str, Figure]) -> tuple[str, ...]:
    """Say that an opportunity cost which nobody gave counts nothing."""
    figure = yearly.get("opportunity")
    return () if figure is None or figure.known else (f"counted as nothing: {figure.note}",)


def _per_year(once: Mapping[str, Figure], yearly: Mapping[str, Figure], days: float) -> Figure:
    """All costs as a yearly rate over some days; a hole where one is unknown, but for the opportunity."""
    parts = {part: figure.times(DAYS_PER_YEAR / days) for part, figure in once.items()}
    return _whole(parts | {part: figure for part, figure in yearly.items() if part != "opportunity" or figure.known})


def _whole(parts: Mapping[str, Figure]) -> Figure:
    """Sum parts; a hole names each reason once, whatever number of fills it stops."""
    holes = dict.fromkeys(figure.note for figure in parts.values() if not figure.known)
    return Figure.unknown("; ".join(holes)) if holes else summed(parts)


def _locked(position: Position, offer: Offer, asked: Asked, why: dict[str, str]) -> float | None:
    if offer.fixed is None:
        why["locked_apr"] = "it floats: nothing is locked"
        return None
    drag = _per_year(_cost(position, offer, asked, offer.fixed_days), _yearly(offer, asked), offer.fixed_days)
    if drag.value is None:
        why["locked_apr"] = drag.note
        return None
    return offer.fixed - float(drag.value)


def _fixed_part(position: Position, offer: Offer) -> float:
    """Return what the fixed rate brings over the time held, a year."""
    if offer.fixed is None:
        return 0.0
    share = 1.0 if offer.rolled else min(offer.fixed_days / position.days, 1.0)
    return offer.fixed * share


def _floating(offer: Offer, asked: Asked, why: dict[str, str]) -> tuple[float | None, float | None]:
    """Return what is expected of what floats, and by how much the worst of twenty falls short; shortfalls of several stretches add up."""
    mean = shortfall = 0.0
    for stretch in offer.floats:
        found = _drawn(stretch, asked.seed)
        if isinstance(found, str):
            why |= dict.fromkeys(("expected_apr", "worst_apr", "residual_risk"), found)
            return None, None
        mean, shortfall = mean + found.mean, shortfall + found.shortfall
    return mean, shortfall


def _drawn(stretch: Stretch, seed: int) -> Outlook | str:
    """Outlook of a stretch, or why there is none."""
    if stretch.daily is None:
        return stretch.why
    try:
        return outlook(stretch.daily, stretch.days, seed)
    except NotEnoughData as short:
        return str(short)


def _breakeven(position: Position, offer: Offer, stay: Offer, asked: Asked, locked: float | None, why: dict[str, str]) -> float | None:
    """Find the floating rate at which staying does as well as what is locked; of what floats, at which it brings nothing."""
    if offer.fixed is None:
        level = _per_year(_cost(position, offer, asked, position.days), _yearly(offer, asked), position.days)
    else:
        level = _per_year(_cost(position, stay, asked, offer.fixed_days), _yearly(stay, asked), offer.fixed_days)
    if level.value is None:
        why["breakeven"] = level.note
        return None
    if offer.fixed is None:
        return float(level.value)
    if locked is None:
        why["breakeven"] = why["locked_apr"]
        return None
    return locked + float(level.value)
