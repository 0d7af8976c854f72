"""Which numbers does a cost figure give a run, and what is told about those that are not known?

A strict run stops at the first unknown. Others count it as nothing, and name it; what is assumed is named as well.
"""

from __future__ import annotations

from perpscope.errors import CatalogueError
from perpscope.market.number import Number
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import Order, TradeCosts
from perpscope.trading.trade import Leg


class Charges:
    """Asks the costs of a trade for numbers, and keeps what a reader must be told.

    Parameters
    ----------
    costs : of the trade. strict : whether an unknown stops the run.
    """

    def __init__(self, costs: TradeCosts, *, strict: bool) -> None:
        self.costs, self.strict = costs, strict
        self.unknown: dict[str, str] = {}
        self.assumed: dict[str, None] = {}

    def number(self, what: str, figure: Figure) -> Number:
        """Return the number of a figure, nothing where it is not known.

        Raises
        ------
        CatalogueError
            In a strict run, for an unknown.
        """
        if figure.value is None:
            if self.strict:
                figure.needed(what)
            self.unknown.setdefault(what, figure.note)
            return 0
        if figure.status == "assumed":
            self.assume(f"{what}: {float(figure.value):g} assumed ({figure.source})")
        return figure.value

    def assume(self, text: str) -> None:
        """Keep something that was taken for granted, once."""
        self.assumed.setdefault(text)

    def fill(self, k: int, leg: Leg, ms: int, order: Order, notional: Number, price: Number | None) -> tuple[Number, Number]:
        """Fee and impact of one fill of leg `k`, fractions of its notional (quote units); `price` of a base unit."""
        told = self.costs.legs[k].fill(ms, order, notional, leg.liquidity, price)
        fee, impact = (self.number(f"{part} of {leg.name}", told[part]) for part in ("fee", "impact"))
        return fee, impact

    def transfer_hours(self) -> Number | None:
        """Return how long a transfer between venues takes; None where it is not known: then none is made."""
        transfer = self.costs.transfer
        self.number("the time of a transfer between venues", transfer.hours)
        if transfer.hours.known and not transfer.whole:
            if self.strict:
                there = f"{float(transfer.hours.value or 0):g} h are a lower bound: {transfer.hours.source}"
                raise CatalogueError(
                    "the time of a transfer between venues", there, "Give all of it in a cost file, or do without --strict."
                )
            self.assume(
                f"a transfer between venues takes no longer than the {float(transfer.hours.value or 0):g} h known, a lower bound (assumed)"
            )
        return transfer.hours.value
