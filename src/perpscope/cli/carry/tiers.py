"""Which fee tiers did the user name, and does any venue of the trade have them?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from perpscope.errors import InputError

if TYPE_CHECKING:
    from perpscope.catalogue.tariff_row import CostRow
    from perpscope.trading.trade import Leg, Trade


def tiers_of(texts: Iterable[str]) -> dict[str, str]:
    """Read fee tiers: of one venue where it is named (by any of its names), of all others under the empty name."""
    from perpscope.catalogue.tariffs import tariff_venue

    found = {}
    for text in texts:
        name, equals, level = text.rpartition("=")
        found[tariff_venue(name) if equals else ""] = level.strip()
    return found


def tiers_of_trade(texts: Iterable[str], trade: Trade, given: Sequence[CostRow] = ()) -> dict[str, str]:
    """Read the fee tiers of a trade, of which each is one that some leg's venue has.

    Raises
    ------
    InputError
        When a tier is of another venue, or on record for no leg it is meant for: its fees would be unknown throughout.
    """
    found = tiers_of(texts)
    _of_the_trade(found, trade)
    for venue, tier in found.items():
        legs = [leg for leg in trade.legs if leg.venue == venue or (not venue and leg.venue not in found)]
        there = {leg.name: _on_record(leg, given) for leg in legs}
        if any(there.values()) and not any(_has(leg, tier, there[leg.name], given) for leg in legs):
            told = "; ".join(f"{name} has {', '.join(tiers)}" for name, tiers in there.items() if tiers)
            raise InputError(f"the fee tier {tier!r}", told, "Name one of these, or give [[fee]] rows with that tier in a cost file.")
    return found


def _of_the_trade(tiers: Mapping[str, str], trade: Trade) -> None:
    for venue in tiers:
        if venue and venue not in trade.venues:
            raise InputError(f"the fee tier of {venue}", f"the trade is made at {', '.join(trade.venues)}", "Name one of these venues.")


def _on_record(leg: Leg, given: Sequence[CostRow]) -> tuple[str, ...]:
    from perpscope.catalogue.tariffs import Asked
    from perpscope.catalogue.tariffs import tiers_of as on_record

    return on_record(Asked(leg.venue, leg.symbol, leg.market), given)


def _has(leg: Leg, tier: str, there: Iterable[str], given: Sequence[CostRow]) -> bool:
    """Whether a leg's venue has a tier, or the user's rows hold whatever the tier."""
    from perpscope.catalogue.tariffs import BASE, called, tier_of

    level = tier_of(leg.venue, tier.partition("+")[0].strip() or BASE)
    own = any(row.kind == "fee" and not row.tier and (not row.whom.venue or called(row.whom.venue) == leg.venue) for row in given)
    return own or level in {tier_of(leg.venue, each) for each in there}
