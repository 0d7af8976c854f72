"""By which contract and which way of paying is each position settled?

What the catalogue knows, what a user's file says, and the lives of a ticker come together here; the user's word wins, and
what nobody knows is assumed in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from perpscope.catalogue.contracts import SIZE, known_contract
from perpscope.catalogue.load import load_venue
from perpscope.errors import InputError
from perpscope.market.funding import PublishedFixing
from perpscope.market.number import Number
from perpscope.market.time import to_text
from perpscope.sources.records import ContractRow, FixingRow, PositionRow
from perpscope.trading.settle import Key, Listing

Span = tuple[int | None, int | None]
"""Listing and end of one life (ms UTC), None where open."""


@dataclass(slots=True)
class Said:
    """What users' files say about contracts: sizes, lives, and sizes of single lives."""

    sizes: dict[Key, Number] = field(default_factory=dict)
    lives: dict[Key, list[Span]] = field(default_factory=dict)
    sized: dict[tuple[Key, Span], Number] = field(default_factory=dict)

    def size(self, key: Key, value: Number | None) -> None:
        """Remember a size.

        Raises
        ------
        InputError
            When two lines disagree.
        """
        if value is not None and self.sizes.setdefault(key, value) != value:
            there = f"{float(self.sizes[key]):g} and {float(value):g}"
            raise InputError(f"the contract size of {' '.join(key)}", there, "Give one size for a contract, or the life of each.")

    def life(self, key: Key, span: Span, size: Number | None) -> None:
        """Remember a life, and the size of the contract in it."""
        self.lives.setdefault(key, []).append(span)
        if size is not None:
            self.sized[key, span] = size


def said(positions: Iterable[PositionRow], fixings: Iterable[FixingRow], contracts: Iterable[ContractRow]) -> Said:
    """Collect what the lines of three files say about contracts."""
    found = Said()
    for row in contracts:
        key = (row.venue, row.symbol)
        if row.listed is not None or row.ended is not None:
            found.life(key, (row.listed, row.ended), row.size)
        else:
            found.size(key, row.size)
    for held in positions:
        found.size((held.position.venue, held.position.symbol), held.size)
    for decided in fixings:
        found.size((decided.fixing.venue, decided.fixing.symbol), decided.size)
    return found


def terms_of(key: Key, span: tuple[int, int], told: Said, lives: Sequence[Span] = ()) -> list[Listing]:
    """Return the contracts that had a name, one after another.

    Parameters
    ----------
    key : venue id and unified symbol. span : ms UTC, of the first position and the last fixing; the rule of payment is looked up at
    the first. lives : as the store knows them.
    """
    venue, symbol = key
    first, last = span
    closed = load_venue(venue).closed
    sizes = [told.sizes[key]] if key in told.sizes else [size for (whose, _), size in told.sized.items() if whose == key]
    given = {SIZE: sizes[0]} if sizes else None
    known = known_contract(venue, symbol, first, given=given)
    later = known_contract(venue, symbol, max(first, min(last, closed)), given=given)
    changed = (later.contract, replace(later.settle, lag=known.settle.lag)) != (known.contract, known.settle)
    assumed = [known.assumed, f"all is paid as on {to_text(first)}; by {to_text(last)} its terms of payment are others" if changed else ""]
    whole = Listing(known.contract, known.settle, assumed="; ".join(one for one in assumed if one))
    spans = told.lives.get(key) or lives or [(None, None)]
    found = []
    for listed, ended in sorted(spans, key=lambda span: span[0] or 0):
        contract = replace(whole.contract, size=told.sized.get((key, (listed, ended)), whole.contract.size))
        found.append(replace(whole, contract=contract, listed=listed, ended=min(closed, closed if ended is None else ended)))
    return found


def accrued(rows: Iterable[FixingRow], terms: Mapping[Key, Sequence[Listing]]) -> list[PublishedFixing]:
    """Return the fixings with the way they accrue: as their line says, else as the venue's rule does."""
    found = []
    for row in rows:
        own = terms.get((row.fixing.venue, row.fixing.symbol), ())
        through = any(life.settle.flow == "through" for life in own)
        found.append(replace(row.fixing, accrual=row.accrual or ("continuous" if through else "stamp")))  # type: ignore[arg-type]  # read as one of the two words
    return found
