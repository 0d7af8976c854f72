"""What did every position pay at every event, a million positions at a time?

Arrays in, arrays out. `cash_flows` gives the amounts of the plain definition (`charge`, `payment`) bit for bit; `unit_flows`
gives them in whole units of the settle asset, each the exact result of the decimals that came in. A change of position at
the very stamp counts, once: the quantity held after it is charged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from perpscope.errors import InputError
from perpscope.market.number import ROUNDINGS, Rounding, rounding_code
from perpscope.trading.columns import Decided, Held, exact_owed, refuse_infinite
from perpscope.trading.money import Units, exact, ratios, whole
from perpscope.trading.nearest import nearest_units
from perpscope.trading.settle import Listing
from perpscope.trading.work import Work, kernel

if TYPE_CHECKING:
    from perpscope.trading.columns import Floats, Ints

_WORTH_A_THREAD = 500_000  # cash flows; below this the second thread costs more than it saves
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Flows:
    """Amounts received, before the venue's rounding.

    Parameters
    ----------
    begins : (p + 1,) position k owns amounts[begins[k]:begins[k+1]], one for each event of its contract.
    amounts : money of the contract's settle asset, > 0 received; 0 where nothing was held.
    net : (n,) contracts all positions hold together at each event, exact where no quantity has more than nine decimals.
    total : (n,) sum of their amounts, in order of position.
    conservation_error : asset -> sum over events of how far `total` is from the one payment of the net position; relative to the
        sum of magnitudes it stays near 2^-53 times the square root of the number of positions.
    """

    begins: Ints
    amounts: Floats
    net: Floats
    total: Floats
    conservation_error: dict[str, float]


@dataclass(frozen=True, slots=True)
class UnitFlows:
    """Whole units received.

    Parameters
    ----------
    begins : (p + 1,) as in `Flows`. units : int64, > 0 received.
    grains : (c,) units in one of the settle asset.
    outside : (n,) units that somebody beyond these positions receives: the net position's payment turned round, nearest.
    residue : (n,) units that rounding leaves over, to be posted to an account of their own: at every event the units of all
        positions, outside and residue sum to zero.
    redone : how many roundings were too near a tie for doubles and were decided by exact arithmetic.
    """

    begins: Ints
    units: Ints
    grains: Ints
    outside: Ints
    residue: Ints
    redone: int


def cash_flows(held: Held, decided: Decided, terms: Sequence[Listing], *, out: Floats | None = None) -> Flows:
    """Return the amount of every position at every event of its contract: the doubles of `charge` and `payment`, bit for bit.

    Parameters
    ----------
    terms : one for each contract of the columns. Its rounding of money is left to `unit_flows`.
    out : memory for the amounts, one for each position and event, written over; fresh memory costs more than the arithmetic.

    Raises
    ------
    InputError
        For columns that disagree, a settlement in which receivers share or funding flows through, and amounts beyond all doubles.
    """
    import numpy as np

    work, begins, lots = Work.of(held, decided, terms, exactly=False), _begins(held, decided), _Lots.of(held.quantity)
    amounts = np.empty(begins[-1]) if out is None else _fitting(out, begins[-1], np.dtype(np.float64))
    net, total, off = np.zeros(len(decided.at)), np.empty(len(decided.at)), np.zeros(len(terms))
    hold, pay = kernel("hold"), kernel("pay")

    def part(low: int, high: int) -> None:
        hold(low, high, work.events, work.rows, lots.quantities, lots.per_contract, net)
        pay(low, high, work.events, work.rows, work.charges, begins, amounts, net, total, off)

    work.done_by(part, threads=_threads(begins))
    refuse_infinite(total)
    error: dict[str, float] = {}
    for own, more in zip(terms, off.tolist(), strict=True):
        if own.settle.sides == "mirror":
            error[own.contract.asset] = error.get(own.contract.asset, 0.0) + more
    return Flows(begins, amounts, net, total, error)


def unit_flows(
    held: Held,
    decided: Decided,
    terms: Sequence[Listing],
    units: Units | None = None,
    rounding: Rounding = "nearest",
    *,
    out: Ints | None = None,
) -> UnitFlows:
    """Return the cash flows of `cash_flows` in whole units, rounded one by one.

    A venue that counts in grains of money (`Settlement.money_grains`) is followed, grains and direction; elsewhere `units` and
    `rounding` hold. Doubles carry a product of four rounded decimals with a relative error below 10 * 2^-53. Where that might
    decide the rounding, exact arithmetic does, so every unit is the exact one (magnitudes below 10^-290 apart). `out` is as there.

    Raises
    ------
    InputError
        As `cash_flows`; for grains that are not whole, and for a cash flow of 2^63 units or more.
    """
    import numpy as np

    work, begins, lots = Work.of(held, decided, terms, exactly=True), _begins(held, decided), _Lots.of(held.quantity)
    grains, codes = _grains(terms, units or Units(), rounding)
    numbers = grains.astype(np.float64)
    flows = np.empty(begins[-1], dtype=np.int64) if out is None else _fitting(out, begins[-1], np.dtype(np.int64))
    net, total, doubts = np.zeros(len(decided.at)), np.empty(len(decided.at), dtype=np.int64), np.zeros(len(held.at), dtype=np.int64)
    open_at: list[int] = []
    doubtful = [np.empty(0, dtype=np.int64)]
    hold, count, find_marks = kernel("hold"), kernel("count"), kernel("find_marks")

    def part(low: int, high: int) -> None:
        open_at.append(hold(low, high, work.events, work.rows, lots.quantities, lots.per_contract, net))
        count(low, high, work.events, work.rows, work.charges, begins, flows, total, (numbers, codes), doubts)
        rows = slice(held.offsets[held.owners[low]], held.offsets[held.owners[high]])
        places = np.empty(int(doubts[rows].sum()), dtype=np.int64)
        find_marks(low, high, work.events, work.rows, begins, doubts, flows, places)
        doubtful.append(places)

    work.done_by(part, threads=_threads(begins))
    exactly = _Exactly(decided, terms, grains.tolist(), [ROUNDINGS[code] for code in codes])
    places = np.concatenate(doubtful)
    _redo(held, exactly, begins, flows, total, places)
    residue = np.negative(total, out=total)
    outside = np.zeros(len(net), dtype=np.int64)
    if any(open_at):
        events = np.flatnonzero(net)
        contracts = np.searchsorted(decided.events, events, side="right") - 1
        outside[events] = np.negative(np.asarray(exactly.units(contracts, events, net[events], "nearest"), dtype=np.int64))
        residue -= outside
    return UnitFlows(begins, flows, grains, outside, residue, len(places))


class _Exactly(NamedTuple):
    """Exact arithmetic for the few roundings that doubles cannot decide."""

    decided: Decided
    terms: Sequence[Listing]
    grains: list[int]
    roundings: list[Rounding]

    def units(self, contracts: Ints, events: Ints, quantities: Floats, rounding: Rounding | None = None) -> Sequence[int] | Ints:
        """Units the holders of some quantities receive at some events; rounded as their contracts say where nothing is said."""
        nearest = {rounding} if rounding else {self.roundings[c] for c in set(contracts.tolist())}
        if nearest == {"nearest"}:
            at_once = nearest_units(self.decided, self.terms, self.grains, (contracts, events, quantities))
            if at_once is not None:
                return at_once
        owed = exact_owed(self.terms, contracts.tolist(), self.decided.rate[events], self.decided.price[events])
        found = []
        for c, (above, below), (quantity, parts) in zip(contracts.tolist(), owed, ratios(quantities), strict=True):
            mine = -quantity if quantity > 0 or self.terms[c].settle.sides == "mirror" else quantity
            units = whole(above * mine * self.grains[c], below * parts, rounding or self.roundings[c])
            if abs(units) > _LARGEST:
                raise InputError("a cash flow in units", "2^63 of them or more", "Count in a coarser unit.")
            found.append(units)
        return found


def _redo(held: Held, exactly: _Exactly, begins: Ints, flows: Ints, total: Ints, places: Ints) -> None:
    """Fill the places the kernel has marked, and take the marks out of the sums."""
    import numpy as np

    from perpscope.trading._kernels import NEAR

    positions = np.searchsorted(begins, places, side="right") - 1
    contracts = np.searchsorted(held.owners, positions, side="right") - 1
    events = places - begins[positions] + exactly.decided.events[contracts]
    marks = flows[places]
    units = np.asarray(exactly.units(contracts, events, held.quantity[marks - NEAR]), dtype=np.int64)
    flows[places] = units
    np.add.at(total, events, units - marks)


def _begins(held: Held, decided: Decided) -> Ints:
    """Where the cash flows of each position begin, and the end of the last."""
    import numpy as np

    each = np.repeat(np.diff(decided.events), np.diff(held.owners))
    return np.concatenate(([0], np.cumsum(each))).astype(np.int64)


def _threads(begins: Ints) -> int:
    return 2 if begins[-1] >= _WORTH_A_THREAD else 1


def _fitting(out: Any, count: int, kind: Any) -> Any:  # noqa: ANN401 - an array of either kind, and the kind
    """Return memory that can take so many of a kind."""
    if out.shape != (count,) or out.dtype != kind or not out.flags.c_contiguous:
        raise InputError("memory for cash flows", f"{out.dtype} of shape {out.shape}", f"Give {count} contiguous {kind}.")
    return out


class _Lots(NamedTuple):
    """Quantities as whole lots of at most nine decimals, and lots in a contract: their sums are exact, so what cancels is 0."""

    quantities: Floats
    per_contract: float

    @classmethod
    def of(cls, quantity: Floats) -> _Lots:
        import numpy as np

        for decimals in range(10):
            per_contract = 10.0**decimals
            lots = np.rint(quantity * per_contract)
            if np.array_equal(lots / per_contract, quantity) and np.abs(lots).sum() < 2.0**53:
                return cls(lots, per_contract)
        return cls(quantity, 1.0)


def _grains(terms: Sequence[Listing], units: Units, rounding: Rounding) -> tuple[Ints, Ints]:
    """Whole units in one of each contract's asset, and the code of its rounding."""
    import numpy as np

    grains, codes = [], []
    for own in terms:
        venue = exact(own.settle.money_grains)
        each = int(venue) or 10 ** units.places(own.contract.asset)
        if venue.denominator != 1 or each > _LARGEST:
            raise InputError("the units of a cash flow", f"1/{venue or each} of {own.contract.asset}", "Give whole grains below 2^63.")
        grains.append(each)
        codes.append(rounding_code(own.settle.money_rounding if venue else rounding))
    return np.array(grains, dtype=np.int64), np.array(codes, dtype=np.int64)
