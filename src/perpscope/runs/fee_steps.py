"""What were a contract's fees, day by day, without looking up every day?

Fees change on a few days in years. They are looked up every `LOOK_DAYS` days; where two looks differ, the day of the change is found by
halving the days between.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from perpscope.trading.costs.assemble import trade_costs
from perpscope.trading.costs.parts import Liquidity
from perpscope.trading.trade import Leg, Side, Trade
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOOK_DAYS = 16
LOOK_MS = LOOK_DAYS * MS_PER_DAY


class Contract(NamedTuple):
    """A perpetual of the store."""

    coin: str
    venue: str
    symbol: str

    def leg(self, side: Side, leverage: float = 1) -> Leg:
        """Return it as one side of a trade."""
        return Leg(self.venue, self.symbol, side, leverage=leverage)


@dataclass(slots=True)
class FeeSteps:
    """Fees of contracts as steps over the days, each contract looked up once; nan where none is on record.

    Parameters
    ----------
    tier : fee tier of every venue. spans : contract -> first and last moment (ms UTC) it is asked of.
    told : contract -> status of its fees -> what a reader must know of the last one seen with it.
    """

    tier: str
    spans: Mapping[Contract, tuple[int, int]]
    _steps: dict[tuple[Contract, Liquidity], tuple[NDArray[Any], NDArray[Any]]] = field(default_factory=dict)
    told: dict[str, dict[str, str | None]] = field(default_factory=dict)

    def at(self, contract: Contract, fill: Liquidity, moments: NDArray[Any]) -> NDArray[Any]:
        """Fraction of the notional at each moment (ms), as on the day it falls on."""
        import numpy as np

        known = self._steps.get((contract, fill))
        if known is None:
            known = self._steps[contract, fill] = self._looked_up(contract, fill)
        return np.asarray(known[1][np.searchsorted(known[0], moments, side="right") - 1])

    def _looked_up(self, contract: Contract, fill: Liquidity) -> tuple[NDArray[Any], NDArray[Any]]:
        import numpy as np

        first, last = self.spans[contract]
        first -= first % MS_PER_DAY

        fees = trade_costs(Trade("naked_long", (contract.leg("long"),)), first, tiers=self.tier).legs[0].fees
        told = self.told.setdefault(f"{contract.venue} {contract.symbol}", {})

        def look(ms: int) -> float:
            figure = fees.at(ms, fill)
            told[figure.status] = figure.note or figure.source or None
            return float("nan") if figure.value is None else float(figure.value)

        grid = range(first, last + 2 * LOOK_MS, LOOK_MS)
        steps = [(ms, value) for at, until in pairwise(grid) for ms, value in _changes(look, at, until)]
        return np.array([ms for ms, _ in steps], dtype=np.int64), np.array([value for _, value in steps])

    def why(self, *contracts: Contract) -> str:
        """Say of which contracts no fee is on record; nothing where all have one."""
        names = [f"{contract.venue} {contract.symbol}" for contract in contracts]
        return "; ".join(str(self.told[name]["unknown"]) for name in names if "unknown" in self.told.get(name, {}))


def _changes(look: Callable[[int], float], at: int, until: int) -> Iterator[tuple[int, float]]:
    """Yield the days from `at` on and before `until` on which a step begins; between equal ends nothing changes."""
    first, last = look(at), look(until)
    yield at, first
    if first == last or (math.isnan(first) and math.isnan(last)):
        return
    low, high = at, until
    while high - low > MS_PER_DAY:
        middle = low + (high - low) // (2 * MS_PER_DAY) * MS_PER_DAY
        low, high = (middle, high) if look(middle) == first or (math.isnan(look(middle)) and math.isnan(first)) else (low, middle)
    if high < until:
        yield from _changes(look, high, until)
