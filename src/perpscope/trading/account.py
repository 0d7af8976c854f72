"""What stands behind a position that shares its margin with others?

A cross account holds money in several assets; every position draws on the asset its contract settles in. The liquidation price
of one contract is the price at which that asset's money is used up while all other marks stand still; contracts on the same coin
move together in truth, so the figure is an orientation, and says so in the guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from perpscope.errors import InputError
from perpscope.market.number import Number
from perpscope.trading.margin import Holding, Liquidation, Requirement, liquidation


@dataclass(frozen=True, slots=True)
class CrossAccount:
    """Money by asset, and positions by name with what each must hold.

    Parameters
    ----------
    balances : settle asset -> wallet balance, realised money only.
    holdings : name of a contract -> (position, requirement); one position a contract, long and short netted.
    """

    balances: Mapping[str, Number]
    holdings: Mapping[str, tuple[Holding, Requirement]]

    def __post_init__(self) -> None:
        """Refuse positions without money to draw on."""
        missing = sorted({held.contract.asset for held, _ in self.holdings.values()} - set(self.balances))
        if missing:
            raise InputError("a cross account", f"no balance in {', '.join(missing)}", "State it; 0 is a balance.")

    def equity(self, marks: Mapping[str, Number]) -> dict[str, Number]:
        """Balance, funding and unrealised gain by settle asset; `marks` : name -> price."""
        found = dict(self.balances)
        for name, (held, _) in self.holdings.items():
            found[held.contract.asset] = found[held.contract.asset] + held.equity(0, _mark(marks, name))
        return found

    def needed(self, marks: Mapping[str, Number]) -> dict[str, Number]:
        """Maintenance and closing fees by settle asset."""
        found: dict[str, Number] = dict.fromkeys(self.balances, 0)
        for name, (held, asked) in self.holdings.items():
            found[held.contract.asset] = found[held.contract.asset] + asked.needed(held, _mark(marks, name))
        return found

    def behind(self, name: str, marks: Mapping[str, Number]) -> Number:
        """Money that stands behind one position: the balance of its asset, and what the others leave over or eat up."""
        held, _ = self._named(name)
        money = self.balances[held.contract.asset]
        for other, (theirs, asked) in self.holdings.items():
            if other != name and theirs.contract.asset == held.contract.asset:
                price = _mark(marks, other)
                money = money + theirs.equity(0, price) - asked.needed(theirs, price)
        return money

    def liquidation(self, name: str, marks: Mapping[str, Number]) -> Liquidation:
        """Price of one contract at which the account's margin is used up, the other marks standing still.

        Its bankruptcy price is where the money behind it is gone; the maintenance of the others is kept aside in both.
        """
        held, asked = self._named(name)
        return liquidation(held, asked, self.behind(name, marks), _mark(marks, name))

    def _named(self, name: str) -> tuple[Holding, Requirement]:
        if name not in self.holdings:
            there = f"the account holds {', '.join(sorted(self.holdings)) or 'nothing'}"
            raise InputError(f"the position in {name}", there, "Name one of them.")
        return self.holdings[name]


def _mark(marks: Mapping[str, Number], name: str) -> Number:
    if name not in marks:
        raise InputError(f"the equity of a position in {name}", "no mark price", "Give the price of every contract held.")
    return marks[name]
