"""What do the catalogue and the user's own file say that a leg costs, as figures?

The user's rows answer first. A number of another day than the one asked for is an inference and says how far it was carried; of a
range the dearer end is charged and both are told; where there is none, the figure says so and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

from perpscope.catalogue.tariff_row import CostRow
from perpscope.catalogue.tariff_time import FoundCost
from perpscope.catalogue.tariffs import BASE, Asked, find_cost, load_tariff, tier_of, tiers_of
from perpscope.errors import InputError
from perpscope.market.number import Number
from perpscope.trading.costs.figure import Figure, Status, summed
from perpscope.trading.costs.parts import Liquidity, Order, SquareRoot

_CONTRACT_PARTS = ("exchange", "broker", "regulatory")
_BP = 10_000
_NOISE = Fraction(1, 10**9)
"""Share by which a notional that is quantity times price may be off."""
_SHOWN = Fraction(1, 10**6)
"""Share below which two notionals read the same."""


def figure_of(found: FoundCost) -> Figure:
    """Turn what was found into a figure; its note tells dates, ranges and contradictions."""
    low, high = found.row.numbers[found.name]
    banded = (f"a range from {float(low):g} to {float(high):g}, of which the dearer end is taken",) if low != high else ()
    span = found.span if found.span[0] != found.span[1] else None
    return Figure(found.value, status_of(found), found.row.source, note_of(found, *banded), span)


def note_of(found: FoundCost, *more: str) -> str:
    """Return what a reader must know of a number: its dates, what contradicts it, and what its source adds."""
    return "; ".join(filter(None, (*found.doubts, *more, found.row.note)))


def status_of(found: FoundCost) -> Status:
    """How sure a number is at the moment it was asked for."""
    written = found.row.status
    if found.relation != "in force":
        return "inferred"
    return "measured" if found.row.kind == "spread" and written == "verified" else cast("Status", written)


@dataclass(frozen=True, slots=True)
class PriceList:
    """Where figures come from: the user's rows, then the catalogue's.

    Parameters
    ----------
    given : rows of the user's cost file. tier : fee tier of the venue asked; `discount` is one taken off its fees ("BNB"), or empty.
    """

    given: tuple[CostRow, ...] = ()
    tier: str = BASE
    discount: str = ""

    @classmethod
    def of(cls, tier: str, given: tuple[CostRow, ...] = ()) -> PriceList:
        """Build one of a tier as a person writes it: `VIP3`, `base+BNB`.

        Raises
        ------
        InputError
            When more than one discount is named.
        """
        level, _, discount = tier.partition("+")
        if "+" in discount:
            raise InputError(f"the tier {tier!r}", "several discounts", "Name one, as in base+BNB.")
        return cls(given, level.strip() or BASE, discount.strip())

    def figure(self, kind: str, name: str, asked: Asked, ms: int, what: str) -> Figure:
        """Return one number, or the hole with what is on record instead; `what` is how a cost file gives it."""
        found = find_cost(kind, name, asked, ms, self.given)
        return figure_of(found) if found is not None else Figure.unknown(f"{missing(kind, name, asked)}; give {what} in a cost file")

    def ask(self, asked: Asked) -> Asked:
        """Return the same question for this tier."""
        return replace(asked, tier=self.tier)


def missing(kind: str, name: str, asked: Asked) -> str:
    """Say what is on record instead of a number that is not, and what was looked for in vain."""
    rows = load_tariff(asked.venue).rows
    sought = [row.says for row in rows if row.words.get("about") == f"{kind} not found"]
    return " ".join((_instead(kind, name, asked, rows), *(f"({text})" for text in sought)))


def _instead(kind: str, name: str, asked: Asked, rows: tuple[CostRow, ...]) -> str:
    tier = tier_of(asked.venue, asked.tier)
    silent = [row for row in rows if row.kind == kind and name in row.holes and tier_of(asked.venue, row.tier) == tier]
    if silent:
        return f"{asked.venue} {asked.symbol}: the {name} is left open by {silent[0].source} ({silent[0].note})"
    tiers = tiers_of(asked)
    if kind == "fee" and tiers and tier not in {tier_of(asked.venue, each) for each in tiers}:
        return f"{asked.venue} has no tier {asked.tier!r} on record for {asked.symbol}, but {', '.join(tiers)}"
    markets = sorted({market for row in rows if row.kind == kind for market in row.whom.markets})
    there = f", only of {', '.join(markets)}" if kind == "fee" and markets and asked.market not in markets else ""
    thing = {"fee": f"{name} fee", "borrow": "borrow rate"}.get(kind, f"{kind} fee")
    of = asked.words.get("asset") or f"{asked.market} {asked.symbol}"
    return f"no {thing} of {of} at {asked.venue} is on record{there}"


@dataclass(frozen=True, slots=True)
class ListedFees:
    """Fees of one leg as the user and the catalogue have them, at any moment.

    Parameters
    ----------
    prices : where they stand. asked : the leg's venue, symbol and market. size : base units per contract, for fees charged per contract.
    """

    prices: PriceList
    asked: Asked
    size: Number | None = None

    def at(self, ms: int, liquidity: Liquidity, price: Number | None = None) -> Figure:
        """Fraction of the notional at a moment; below 0 is paid to the trader. `price` turns a fee per contract into one."""
        asked = self.prices.ask(self.asked)
        found = find_cost("fee", liquidity, asked, ms, self.prices.given)
        if found is None:
            contract = self._per_contract(asked, ms, price)
            return contract or self.prices.figure("fee", liquidity, asked, ms, f'[[fee]] venue = "{asked.venue}", {liquidity}_pct')
        fee = figure_of(found)
        return fee if found.row.users or not self.prices.discount else self._discounted(fee, asked, ms, liquidity)

    def _per_contract(self, asked: Asked, ms: int, price: Number | None) -> Figure | None:
        """Fee of a venue that charges money per contract, as a fraction; None where it does not."""
        if self.size is not None:
            asked = replace(asked, tier=self._tier_of_size(asked))
        found = {name: find_cost("per_contract", name, asked, ms, self.prices.given) for name in (*_CONTRACT_PARTS, "size")}
        charged = {name: figure_of(each) for name, each in found.items() if each is not None}
        if "size" not in charged or not set(charged) & set(_CONTRACT_PARTS):
            return None
        size = charged.pop("size").needed("the contract size")
        if price is None:
            return Figure.unknown(f"{asked.venue} charges per contract of {float(size):g}: give the price of one unit (--price)")
        lacking = [name for name in _CONTRACT_PARTS if name not in charged]
        without = f"without what its source does not tell: {', '.join(lacking)}" if lacking else ""
        whole = summed(charged)
        of = f"{float(whole.value or 0):g} per contract of {float(size):g} at a price of {float(price):g}"
        notes = dict.fromkeys((of, without, *(figure.note for figure in charged.values())))
        return replace(whole.times(1 / (size * price)), note=_joined(*notes))

    def _tier_of_size(self, asked: Asked) -> str:
        """Tier under which contracts of this size are charged."""
        rows = (*self.prices.given, *load_tariff(asked.venue).rows)
        fits = [row.tier for row in rows if row.kind == "per_contract" and row.numbers.get("size", (0, 0))[0] == self.size]
        return fits[0] if fits else f"contracts of {float(self.size or 0):g}"

    def _discounted(self, fee: Figure, asked: Asked, ms: int, liquidity: Liquidity) -> Figure:
        """Take the named discount off a fee; a rebate has none."""
        name = self.prices.discount
        rows = [row for row in load_tariff(asked.venue).rows if row.kind == "discount"]
        written = next((row.words["name"] for row in rows if row.words["name"].lower() == name.lower()), name)
        found = find_cost("discount", "share", replace(asked, words={"name": written}), ms)
        if found is None:
            names = ", ".join(dict.fromkeys(row.words["name"] for row in rows)) or "none"
            return Figure.unknown(f"{asked.venue} {asked.symbol}: no discount {name!r} is on record, but {names}; leave it out")
        if found.relation == "nearest" and found.row.when.until is not None:
            return Figure.unknown(f"{asked.venue}: the discount {written!r} was not in force then; leave it out")
        if fee.value is None or fee.value <= 0 or found.row.words.get("on", "both") not in {"both", liquidity}:
            return fee
        share = figure_of(found)
        note = "; ".join(filter(None, (fee.note, f"less {float(share.value or 0):.0%} {written}", share.note)))
        both = summed({"fee": fee, f"discount {written}": share})
        return Figure(fee.value * (1 - found.value), both.status, both.source, note)


@dataclass(frozen=True, slots=True)
class ListedCrossing:
    """What crossing the spread costs as the user and the catalogue have it: an impact law, measured walks, half a spread.

    Parameters
    ----------
    prices : where they stand. asked : the leg's venue, symbol and market.
    """

    prices: PriceList
    asked: Asked

    def at(self, ms: int, order: Order, notional: Number) -> Figure:
        """Fraction of the mid for a notional (quote units); the larger of half the spread and the measured walk."""
        law = self._law(ms, order, notional)
        if law is not None:
            return law
        half, walk = self._half(ms), self._walk(ms, order, notional)
        if half.status in {"given", "assumed"}:
            return half
        if walk is None:
            return (
                replace(half, note=_joined(half.note, "half the spread alone: no walk into the book is on record")) if half.known else half
            )
        if walk.value is None or half.value is None or half.value <= walk.value:
            return walk
        return replace(half, note=_joined(half.note, "dearer than the walk on record"))

    def users(self, ms: int) -> bool:
        """Whether the user's own file says what crossing costs."""
        names = (("impact", "coefficient"), ("spread", "half"), ("spread", "median"), ("spread", "spread"))
        found = (find_cost(kind, name, self.asked, ms, self.prices.given) for kind, name in names)
        return any(each is not None and each.row.users for each in found)

    def _law(self, ms: int, order: Order, notional: Number) -> Figure | None:
        """Return the square-root law of the user's file; None where it gives none."""
        asked, names = self.asked, ("coefficient", "volatility", "volume", "half")
        found = {name: find_cost("impact", name, asked, ms, self.prices.given) for name in names}
        if not any(found.values()):
            return None
        lacks = {name: Figure.unknown(f"the impact given for {asked.venue} lacks its {name}") for name in names}
        figures = lacks | {name: figure_of(each) for name, each in found.items() if each is not None}
        half = figures["half"] if figures["half"].known else self._half(ms)
        return SquareRoot(half, figures["coefficient"], figures["volatility"], figures["volume"]).at(ms, order, notional)

    def _half(self, ms: int) -> Figure:
        """Half the spread: as given, or half of a median or of a single sighting."""
        found = {name: find_cost("spread", name, self.asked, ms, self.prices.given) for name in ("half", "median", "spread")}
        known = [(name, each) for name, each in found.items() if each is not None]
        if not known:
            asked = self.asked
            there = f"no spread of {asked.symbol} at {asked.venue} is on record"
            return Figure.unknown(f'{there}; give [[spread]] venue = "{asked.venue}", half_bp in a cost file, or recorded books')
        name, best = min(known, key=lambda pair: (not pair[1].row.users, pair[1].gap_days if pair[1].gap_days is not None else 10**9))
        return figure_of(best).times(Fraction(1) if name == "half" else Fraction(1, 2))

    def _walk(self, ms: int, order: Order, notional: Number) -> Figure | None:
        """Return the measured walk of the next larger notional, with that of the next smaller as its other end; None where none was."""
        found = find_cost("spread", "costs_bp", self.asked, ms)
        if found is None:
            return None
        lines = found.row.ladders["costs_bp"]
        line = next((each for each in lines if each[0] * (1 + _NOISE) >= notional), None)
        if line is None:
            there = f"walks of {self.asked.symbol} at {self.asked.venue} were measured up to {float(lines[-1][0]):,.0f}"
            more = "" if notional < lines[-1][0] * (1 + _SHOWN) else f", less than {float(notional):,.0f}"
            return Figure.unknown(f"{there}{more}; record books, or give an impact in a cost file")
        column = 1 if order == "sell" else 2
        smaller = [each[column] / _BP for each in lines if each[0] < notional]
        value = line[column] / _BP
        span = (min(smaller[-1], value), value) if smaller and notional < line[0] else None
        return Figure(value, status_of(found), found.row.source, note_of(found, f"the walk of {float(line[0]):,.0f}"), span=span)


def _joined(*notes: str) -> str:
    return "; ".join(filter(None, notes))
