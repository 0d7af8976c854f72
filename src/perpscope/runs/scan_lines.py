"""Which lines does the table of a coin's pairs make: trades formed, costed, margined and measured against their books?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from perpscope.catalogue.load import SIMULATED, load_venue, venue_ids
from perpscope.catalogue.tariffs import load_tariff, tariff_ids
from perpscope.errors import NotEnoughData
from perpscope.market.instrument import parse_symbol
from perpscope.market.number import Number
from perpscope.runs.dated_legs import dated_legs
from perpscope.runs.leg_terms import LegTerms
from perpscope.runs.price_rows import PriceRows, spot_markets
from perpscope.trading.costs.assemble import demanded
from perpscope.trading.pair import pair_move
from perpscope.trading.scan.capacity import Capacity, capacity
from perpscope.trading.scan.form import Dated, Formed, Pair, Spot, against_dated, formed
from perpscope.trading.scan.row import Carry, ahead, carry_of, line, whole_days, with_capacity
from perpscope.trading.scan.terms import Terms
from perpscope.trading.scan.told import parts_told
from perpscope.trading.scan.value import DAYS_PER_YEAR, costed

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from perpscope.store import Store
    from perpscope.trading.costs.parts import TradeCosts
    from perpscope.trading.trade import Leg

    Floats = NDArray[np.float64]

DELIVERED = "orders"
"""What a rule observes whose auction clears what longs and shorts do not deliver to each other: its contracts can be delivered."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are made.

    Parameters
    ----------
    terms : on which trades are compared. venues, kinds, symbols : what is looked at, everything where empty; of one venue a leg, of
        several all legs; a leg of any of the symbols. strict : whether an unknown stops. parts : whether every line lists its cost parts.
    """

    terms: Terms
    venues: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    strict: bool = False
    parts: bool = False

    def takes(self, found: Formed) -> bool:
        """Whether a trade is of a kind and at venues that are looked at."""
        if self.kinds and found.trade.kind not in self.kinds:
            return False
        if self.symbols and not any(leg.symbol in self.symbols for leg in found.trade.legs):
            return False
        here = [any(_at(leg.venue, venue) for venue in self.venues) for leg in found.trade.legs]
        return not self.venues or (any(here) if len(self.venues) == 1 else all(here))


def _at(venue: str, named: str) -> bool:
    """Whether a venue is the one named, or of its house: the spot market of a futures venue, or the other way round."""
    return venue == named or spot_house(venue) == named


class _Coin(NamedTuple):
    """What is known of a coin beside its pairs."""

    spots: Sequence[Spot]
    futures: Sequence[Dated]
    price: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Makes lines.

    Parameters
    ----------
    store, prices : where prices are. dated : coins of which dated futures are held. legs : costs and margins. wanted : what is asked.
    """

    store: Store
    prices: PriceRows
    dated: frozenset[str]
    legs: LegTerms
    wanted: Wanted
    _deliverable: dict[tuple[str, int], bool] = field(default_factory=dict)
    _settled_in: dict[tuple[str, int], float | None] = field(default_factory=dict)

    def of(self, fresh: pl.DataFrame, version: int) -> Iterator[dict[str, Any]]:
        """Yield the lines of one coin's fresh pairs; `version` of the funding table goes into their certificates.

        Raises
        ------
        NotEnoughData, CatalogueError
            Strict, when a spread is not covered or a cost not known.
        """
        if fresh.is_empty():
            return
        coin, at = str(fresh["coin"][0]), int(fresh["at"][0])
        known = self._coin(coin, at)
        days = fresh["days"].list.to_array(len(fresh["days"][0])).to_numpy()
        for k, pair in enumerate(fresh.drop("days").iter_rows(named=True)):
            for found in self._formed(pair, days[k], known):
                row = self._line(pair, days[k], found, known.price)
                row["certificate"]["table_version"] = version
                yield row

    def _coin(self, coin: str, at: int) -> _Coin:
        near = self.prices.near(coin, at)
        spots, price = spot_markets(near, coin)
        futures = dated_legs(self.store, near, coin, at) if coin in self.dated or "dated" in near["market"] else []
        return _Coin(spots, futures, price)

    def _formed(self, pair: Pair, days: Floats, known: _Coin) -> Iterator[Formed]:
        spots, terms = [*known.spots, *own_spot(pair, known.spots)], self.wanted.terms
        deliverable = {f"{pair[f'{s}_venue']}:{pair[f'{s}_symbol']}" for s in "ab" if pair[f"{s}_venue"] and self._delivered(pair, s)}
        found = [*formed(pair, spots, terms, deliverable, ahead(pair, days, terms.hold))]
        if pair["b_venue"] is None:
            for future in known.futures:
                found += against_dated(pair, future, terms, ahead(pair, days, whole_days(future.expiry - int(pair["at"]))))
        yield from (each for each in found if self.wanted.takes(each))

    def _delivered(self, pair: Pair, side: str) -> bool:
        venue, at = str(pair[f"{side}_venue"]), int(pair["at"])
        if (venue, at) not in self._deliverable:
            plain = venue.removeprefix(SIMULATED)
            rules = load_venue(plain).at(at) if plain in venue_ids() else ()
            kinds = [rule.parts["observe"].get("kind") for rule in rules]
            self._deliverable[venue, at] = any(kind is not None and kind.text == DELIVERED for kind in kinds)
        return self._deliverable[venue, at]

    def _line(self, pair: Pair, days: Floats, found: Formed, coin_price: float | None) -> dict[str, Any]:
        terms, at = self.wanted.terms, int(pair["at"])
        prices = [_price(pair, leg_side, coin_price, leg.symbol) for leg, leg_side in zip(found.trade.legs, found.sides, strict=True)]
        costs = self.legs.costs(found.trade, at)
        spent, carry = costed(found.trade, costs, terms, at, prices), carry_of(pair, days, found, terms)
        if self.wanted.strict:
            self._demand(found, costs, carry, pair, prices)
        pledges = [
            self.legs.pledge(leg, at, str(pair[f"{side}_native_id"]) if side else "", self._settle_price(leg, at))
            for leg, side in zip(found.trade.legs, found.sides, strict=True)
        ]
        price = next((value for value in prices if value is not None), None)
        row = line(pair, carry, found, spent, pair_move(pledges, terms.notional, price), terms)
        row = with_capacity(row, _capacity(found, costs, row, at, prices))
        if self.wanted.parts:
            row["costs"] = parts_told(spent)
        return row

    def _settle_price(self, leg: Leg, at: int) -> float | None:
        """Last price of the asset a quanto settles in; None for other legs, and where the store holds none."""
        if leg.market != "quanto":
            return None
        if (leg.asset, at) not in self._settled_in:
            self._settled_in[leg.asset, at] = spot_markets(self.prices.near(leg.asset, at), leg.asset)[1]
        return self._settled_in[leg.asset, at]

    def _demand(self, found: Formed, costs: TradeCosts, carry: Carry, pair: Pair, prices: Sequence[Number | None]) -> None:
        """Stop at what a strict scan may not lack."""
        told = {leg.name: price for leg, price in zip(found.trade.legs, prices, strict=True) if price is not None}
        for what, figure in demanded(found.trade, costs, int(pair["at"]), self.wanted.terms.notional, told):
            figure.needed(f"{pair['coin']} {found.trade.kind}, {what}")
        own = carry.windows[str(carry.window)]
        if carry.gross is None or own["hours"] < own["of_hours"]:
            there = carry.why if carry.gross is None else f"{own['hours']} of {own['of_hours']} hours are covered"
            raise NotEnoughData(f"the spread of {found.trade.called}", there, "Import what is missing, or do without --strict.")


def _price(pair: Pair, side: str, coin_price: float | None, symbol: str) -> float | None:
    """Price of one unit of a leg: beside its own fixings, else that of the coin, where its units are single coins."""
    own = pair[f"{side}_price"] if side else None
    if own is not None:
        return float(own)
    other = next((pair[f"{s}_price"] for s in "ab" if pair[f"{s}_price"] is not None and pair[f"{s}_symbol"] is not None), None)
    single = parse_symbol(symbol)[0] == str(pair["coin"]).rpartition(":")[2]
    return coin_price if coin_price is not None and single else None if not single or other is None else float(other)


def _capacity(found: Formed, costs: TradeCosts, row: Mapping[str, Any], at: int, prices: Sequence[Number | None]) -> Capacity:
    if row["gross_apr"] is None or row["hold_apr"] is None:
        return Capacity(None, "; ".join(row["why_null"].get(name, "") for name in ("gross_apr", "hold_apr")).strip("; "))
    income = (row["gross_apr"] - row["hold_apr"]) * row["hold_days"] / DAYS_PER_YEAR
    return capacity(found.trade, costs, at, income, prices)


def own_spot(pair: Pair, held: Sequence[Spot]) -> list[Spot]:
    """Spot market of the perpetual's own house, where the store holds no price of one."""
    if pair["b_venue"] is not None or ":" in str(pair["coin"]):
        return []
    house = spot_house(str(pair["a_venue"]))
    if any(spot.venue == house for spot in held):
        return []
    _, quote, _ = parse_symbol(str(pair["a_symbol"]))
    return [Spot(house, f"{pair['coin']}/{quote}", held=False)]


def spot_house(venue: str) -> str:
    """Venue at whose spot market a house that runs a futures venue trades: the longest recorded id that the venue's own begins with."""
    plain = venue.removeprefix(SIMULATED)
    houses = [each for each in tariff_ids() if plain.startswith(each) and _has_spot(each)]
    found = max(houses, key=len, default=plain)
    return (SIMULATED if venue.startswith(SIMULATED) else "") + found


def _has_spot(venue: str) -> bool:
    return any(row.kind == "fee" and "spot" in row.whom.markets for row in load_tariff(venue).rows)
