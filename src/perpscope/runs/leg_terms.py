"""What does each leg of a scan cost, what margin must it hold, and how deep are its recorded books? Each leg is looked up once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from perpscope.catalogue.contracts import known_contract
from perpscope.catalogue.load import SIMULATED, venue_ids
from perpscope.catalogue.tariffs import BASE
from perpscope.errors import PerpscopeError
from perpscope.market.number import Number
from perpscope.runs.contracts import Margins, asked_of
from perpscope.runs.costs import recorded_crossings
from perpscope.trading.costs.assemble import trade_costs
from perpscope.trading.costs.parts import LegCosts, TradeCosts
from perpscope.trading.pair import Pledge
from perpscope.trading.scan.remembered import remembered
from perpscope.trading.trade import Leg, Trade

if TYPE_CHECKING:
    from perpscope.catalogue.tariff_row import CostRow
    from perpscope.store import Store

Key = tuple[str, str, bool, int]


@dataclass(frozen=True, slots=True)
class LegTerms:
    """Costs and margins of legs at a moment, remembered.

    Parameters
    ----------
    tiers : fee tier of every venue, or venue id -> tier. given : rows of the user's cost file. margins : maintenance as the user states it.
    store : whose recorded books are walked; None walks none.
    """

    tiers: str | Mapping[str, str] = BASE
    given: Sequence[CostRow] = ()
    margins: Margins = field(default_factory=Margins)
    store: Store | None = None
    _legs: dict[Key, LegCosts] = field(default_factory=dict)
    _ways: dict[tuple[tuple[tuple[str, str], ...], int], TradeCosts] = field(default_factory=dict)
    _pledges: dict[tuple[object, ...], Pledge] = field(default_factory=dict)

    def costs(self, trade: Trade, ms: int) -> TradeCosts:
        """Gather what a trade costs at a moment (ms UTC): each leg, and each way between venues, is looked up once."""
        ways = (tuple((leg.venue, leg.asset) for leg in trade.legs), ms)
        if ways not in self._ways:
            self._ways[ways] = trade_costs(trade, ms, tiers=self.tiers, given=self.given)
        return replace(self._ways[ways], legs=tuple(self._leg(leg, ms) for leg in trade.legs))

    def _leg(self, leg: Leg, ms: int) -> LegCosts:
        key = (leg.venue, leg.symbol, leg.side == "long", ms)
        if key not in self._legs:
            own = replace(leg, ratio=1)
            alone = Trade("naked_long", (own,))
            books = {} if self.store is None else recorded_crossings(self.store, alone, ms, until=ms)
            self._legs[key] = remembered(trade_costs(alone, ms, tiers=self.tiers, given=self.given, books=books).legs[0])
        return self._legs[key]

    def pledge(self, leg: Leg, ms: int, native_id: str = "", settle_price: Number | None = None) -> Pledge:
        """Return what the venue of a leg asks of it at a moment (ms UTC)."""
        key = (leg, ms, native_id, settle_price)
        if key not in self._pledges:
            self._pledges[key] = self._asked(leg, ms, native_id, settle_price)
        return self._pledges[key]

    def _asked(self, leg: Leg, ms: int, native_id: str, settle_price: Number | None) -> Pledge:
        if leg.market == "spot" and leg.side == "long":
            return Pledge(leg, leg.contract)
        asked = asked_of(leg, (ms, ms), self.margins)
        contract, why = None, asked.why
        try:
            known = leg.venue.removeprefix(SIMULATED) in venue_ids() and leg.perpetual
            contract = known_contract(leg.venue, leg.symbol, ms, native_id=native_id).contract if known else leg.contract
        except PerpscopeError as problem:
            why = f"{problem.asked}: {problem.there}"
        return Pledge(leg, contract, asked.requirement, why, settle_price)
