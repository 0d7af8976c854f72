"""What does somebody else know about a contract that its file does not say?

The one seam between importing and the rule books: a function from (venue, native id) to facts. By default nobody
knows anything, and a file has to say it all; `catalogue_facts` asks the packaged rule books.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Protocol

from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.market.instrument import Instrument


class KnownFacts(Protocol):
    """Facts of one contract, by the names of a mapping (`market`, `market_list`, `accrual`); empty where nothing is known."""

    def __call__(self, venue: str, native_id: str) -> Mapping[str, str]:
        """Tell what is known of the contract."""
        ...


def nothing_known(venue: str, native_id: str) -> Mapping[str, str]:
    """Know nothing: the mapping has to say it."""
    del venue, native_id
    return {}


@cache
def catalogue_facts(venue: str, native_id: str) -> Mapping[str, str]:
    """Tell what the packaged rule books say: payoff kind, sub-market, and how funding flows where all rules agree."""
    instrument = catalogued(venue, native_id)
    if instrument is None:
        return {}
    flows = {rule.parts["settle"]["flow"].text for rule in load_venue(venue).rules if "flow" in rule.parts["settle"]}
    accrual = {"accrual": "continuous" if flows == {"through"} else "stamp"} if len(flows) == 1 else {}
    return {"market": instrument.market, "market_list": instrument.market_list, **accrual}


@cache
def catalogued(venue: str, native_id: str) -> Instrument | None:
    """Return the contract as the packaged rule books name it; None where they do not know it."""
    return load_venue(venue).instrument(native_id) if venue in venue_ids() else None
