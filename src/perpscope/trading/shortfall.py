"""How much more margin would have kept a position alive?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from perpscope.market.number import Number
from perpscope.trading.margin import Holding, Requirement


@dataclass(frozen=True, slots=True)
class Shortfall:
    """The worst moment of a position.

    Parameters
    ----------
    missing : margin it lacked then to hold its maintenance and closing fee, in the settle asset; 0 or below where it lacked none: what was
        left over. at : when, ms UTC. price : of that moment.
    """

    missing: Number
    at: int
    price: Number


def shortfall(holding: Holding, asked: Requirement, margin: Number, prices: Iterable[tuple[int, Number]]) -> Shortfall:
    """Find the moment at which a position lacks most margin, were it kept through all prices.

    Parameters
    ----------
    holding, asked : the position and what it must hold. margin : its own, in the settle asset, without funding (that is `holding.funding`).
    prices : (ms UTC, mark), at least one; of bars, the extreme against the position.

    Examples
    --------
    >>> from perpscope.market.brackets import Brackets
    >>> from perpscope.market.contract import Contract
    >>> short = Holding(Contract("linear", "USDT"), -1, 100)
    >>> shortfall(short, Requirement(Brackets.flat(0)), 20, [(0, 100), (1, 130), (2, 110)])
    Shortfall(missing=10, at=1, price=130)
    """
    found = [Shortfall(asked.needed(holding, price) - holding.equity(margin, price), at, price) for at, price in prices]
    return max(found, key=lambda one: (one.missing, -one.at))
