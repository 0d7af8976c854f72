"""Which contract is a leg, how does its venue pay, how long did it live, and what margin had it to hold?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from perpscope.catalogue.bracket_file import BracketRow
from perpscope.catalogue.brackets import FoundBrackets, find_brackets
from perpscope.catalogue.contracts import SIZE, known_contract
from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.errors import PerpscopeError
from perpscope.market.brackets import Brackets
from perpscope.market.number import Number
from perpscope.market.time import FOREVER, to_text
from perpscope.mechanisms.settle import Settlement
from perpscope.trading.margin import Requirement
from perpscope.trading.settle import Listing
from perpscope.trading.trade import Leg

if TYPE_CHECKING:
    from perpscope.store import Store

_UNSIZED = "one contract is assumed"
"""How the catalogue says that it knows no size; of linear and inverse contracts, money is the same whatever it is."""
_OTHER_LATER = "the table of the start held throughout, though another one, or none that is known, held by {}"


@dataclass(frozen=True, slots=True)
class Margins:
    """What the user says of margins.

    Parameters
    ----------
    rates : leg name -> maintenance rate, a fraction of the value; "" for all legs that are not named. tables : rows of the user's own file.
    """

    rates: Mapping[str, Number] = field(default_factory=dict)
    tables: Sequence[BracketRow] = ()

    def rate(self, leg: Leg) -> Number | None:
        """Return the rate stated for a leg; None where none is."""
        return self.rates.get(leg.name, self.rates.get(""))


@dataclass(frozen=True, slots=True)
class Asked:
    """What margin a leg has to hold, and how sure that is.

    Parameters
    ----------
    requirement : None where nothing can be liquidated, or it is not known, see `why`. assumed : what was taken for granted.
    told : the table for a reader.
    """

    requirement: Requirement | None
    why: str = ""
    assumed: tuple[str, ...] = ()
    told: Mapping[str, object] | None = None


class Life(NamedTuple):
    """Listing and end of a contract, ms UTC; None where open.

    again : whether another contract bears its name later in the window. silent : whether no source states its end, which is told by the
    long silence of all sources behind it.
    """

    listed: int | None = None
    ended: int | None = None
    again: bool = False
    silent: bool = False


def life_of(store: Store, leg: Leg, span: tuple[int, int], native: tuple[str, str] | None) -> Life:
    """Life of a leg's contract that a window falls into, the first of several.

    Parameters
    ----------
    span : ms UTC. native : market list and native id in the store; None where it holds nothing of the contract but prices.
    """
    import polars as pl

    closed = load_venue(leg.venue).closed if leg.venue in venue_ids() else FOREVER
    lives = [] if native is None else store.registry.lives(leg.venue, *native)
    own = [life for life in lives if life.ended > span[0] and life.listed <= span[1]]
    if native is None or not own:
        return Life(None, None if closed >= FOREVER else closed)
    ended = min(own[0].ended, closed)
    facts = store.registry.as_of(venue=leg.venue, market_list=native[0], native_id=native[1])
    stated = {int(value) for value in facts.filter(pl.col("fact") == "end")["value"]} | {closed}
    open_ended = ended >= FOREVER
    return Life(own[0].listed or None, None if open_ended else ended, len(own) > 1, not open_ended and ended not in stated)


def listing_of(leg: Leg, span: tuple[int, int], life: Life, native_id: str = "") -> Listing:
    """Contract of a leg, and how its venue pays by the rule in force at the start of a window (ms UTC).

    Raises
    ------
    InputError
        For a quanto whose multiplier nobody states, and where the venue had closed before the start.
    """
    if not leg.perpetual:
        return Listing(leg.contract, Settlement(), life.listed, life.ended)
    given = None if leg.multiplier is None else {SIZE: leg.multiplier}
    known = known_contract(leg.venue, leg.symbol, span[0], native_id=native_id, given=given)
    later = known_contract(leg.venue, leg.symbol, min(span[1], load_venue(leg.venue).closed), native_id=known.native_id, given=given)
    changed = replace(later.settle, lag=known.settle.lag) != known.settle
    words = f"all is paid as on {to_text(span[0])[:10]}; by {to_text(span[1])[:10]} the terms of payment are others" if changed else ""
    sized = known.contract.payoff == "quanto" or not known.assumed.startswith(_UNSIZED)
    return Listing(
        known.contract, known.settle, life.listed, life.ended, "; ".join(one for one in (known.assumed if sized else "", words) if one)
    )


def asked_of(leg: Leg, span: tuple[int, int], margins: Margins) -> Asked:
    """Find the margin table of a leg at the start of a window (ms UTC): the user's rate or table, else what the catalogue records."""
    if leg.market == "swap":
        return Asked(None, "no margin table of a funding swap is on record")
    rate = margins.rate(leg)
    if rate is not None:  # of coins held long as well: a policy may turn them into a loan
        told = {"source": "given", "maintenance": float(rate)}
        return Asked(Requirement(Brackets.flat(_double(rate))), told=told)
    if leg.market == "spot" and leg.side == "long":
        return Asked(None)
    if leg.market == "spot":
        return Asked(None, "the maintenance of a loan of coins is not on record: give --maintenance")
    try:
        found = find_brackets(leg.venue, leg.symbol, span[0], margins.tables)
    except PerpscopeError as problem:
        return Asked(None, f"{problem.asked}: {problem.there}")
    where = f"the margin table of {leg.name}"
    words = [*found.assumed, *([_OTHER_LATER.format(to_text(span[1])[:10])] if _other_later(leg, span[1], margins, found) else [])]
    return Asked(Requirement(found.brackets.floats()), assumed=tuple(f"{where}: {one} (assumed)" for one in words), told=found.told())


def _other_later(leg: Leg, ms: int, margins: Margins, found: FoundBrackets) -> bool:
    """Whether another table than the one found, or none that is known, held at a later moment (UTC)."""
    try:
        return find_brackets(leg.venue, leg.symbol, ms, margins.tables).row != found.row
    except PerpscopeError:
        return True


def _double(rate: Number) -> Number:
    return float(rate) if isinstance(rate, Fraction) else rate
