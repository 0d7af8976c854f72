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
from perpscope.mechanisms.batch import in_parts
from perpscope.trading.columns import Decided, Held, charges, exact_owed
from perpscope.trading.money import Units, exact, ratios, whole
from perpscope.trading.nearest import nearest_units
from perpscope.trading.settle import Listing

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
        For columns that disagree, or a settlement in which receivers share or funding flows through.
    """
    import numpy as np

    work = _Work.of(held, decided, terms, exactly=False)
    amounts = np.empty(work.begins[-1]) if out is None else _fitting(out, work.begins[-1], np.dtype(np.float64))
    net, total = np.zeros(len(decided.at)), np.zeros(len(decided.at))
    pay = _compiled("pay")

    def part(low: int, high: int) -> None:
        pay(*work.part(low, high), amounts, net, total)

    in_parts(part, len(terms), parts=work.parts)
    if work.per_contract != 1:
        net /= work.per_contract
    alone = work.owed * np.where(net >= 0, -net, work.sign_at_events() * net)
    error: dict[str, float] = {}
    for c, own in enumerate(terms):
        if own.settle.sides == "mirror":
            own_events = slice(decided.events[c], decided.events[c + 1])
            off = float(np.abs(total[own_events] - alone[own_events]).sum())
            error[own.contract.asset] = error.get(own.contract.asset, 0.0) + off
    return Flows(work.begins, amounts, net, total, error)


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

    work = _Work.of(held, decided, terms, exactly=True)
    grains, codes = _grains(terms, units or Units(), rounding)
    flows = np.empty(work.begins[-1], dtype=np.int64) if out is None else _fitting(out, work.begins[-1], np.dtype(np.int64))
    net, total = np.zeros(len(decided.at)), np.zeros(len(decided.at), dtype=np.int64)
    doubts = np.zeros(len(held.at), dtype=np.int64)
    count = _compiled("count")

    def part(low: int, high: int) -> None:
        counted = (grains[low:high].astype(np.float64), codes[low:high])
        count(*work.part(low, high), (flows, flows.view(np.float64)), net, total, counted, doubts)

    in_parts(part, len(terms), parts=work.parts)
    if work.per_contract != 1:
        net /= work.per_contract
    exactly = _Exactly(decided, terms, grains.tolist(), [ROUNDINGS[code] for code in codes])
    _redo(work, exactly, flows, total, doubts)
    outside = _outside(exactly, net)
    residue = np.negative(total, out=total)
    if net.any():
        residue -= outside
    return UnitFlows(work.begins, flows, grains, outside, residue, int(doubts.sum()))


class _Work(NamedTuple):
    """What the kernels need, and how it is cut between threads: whole contracts."""

    held: Held
    decided: Decided
    begins: Ints
    owed: Floats
    sign: Floats
    lots: Floats
    per_contract: float
    parts: int

    @classmethod
    def of(cls, held: Held, decided: Decided, terms: Sequence[Listing], *, exactly: bool) -> _Work:
        import numpy as np

        if len(held.owners) != len(decided.events):
            there = f"{len(held.owners) - 1} contracts held, {len(decided.events) - 1} decided"
            raise InputError("the fast paths", there, "Give the same contracts in the same order.")
        owed, sign = charges(terms, decided, exactly=exactly)
        each = np.repeat(np.diff(decided.events), np.diff(held.owners))
        begins = np.concatenate(([0], np.cumsum(each))).astype(np.int64)
        lots, per_contract = _lots(held.quantity)
        return cls(held, decided, begins, owed, sign, lots, per_contract, 2 if begins[-1] >= _WORTH_A_THREAD else 1)

    def part(self, low: int, high: int) -> tuple[Any, ...]:
        """Return the arguments for contracts low to high."""
        held, decided = self.held, self.decided
        rows = (held.offsets, held.at, held.quantity, self.lots, self.begins)
        edges = slice(low, high + 1)
        return held.owners[edges], decided.events[edges], rows, decided.at, self.owed, self.sign[low:high]

    def sign_at_events(self) -> Floats:
        import numpy as np

        return np.repeat(self.sign, np.diff(self.decided.events))


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
                raise InputError("a cash flow in units", f"{units} of them", "Count in a coarser unit.")
            found.append(units)
        return found


def _redo(work: _Work, exactly: _Exactly, flows: Ints, total: Ints, doubts: Ints) -> None:
    """Fill the places the kernel has marked."""
    import numpy as np

    from perpscope.trading._kernels import NEAR

    places = np.empty(int(doubts.sum()), dtype=np.int64)
    held = work.held
    _compiled("find_marks")(held.owners, work.decided.events, (held.offsets, held.at, work.begins), work.decided.at, doubts, flows, places)
    positions = np.searchsorted(work.begins, places, side="right") - 1
    contracts = np.searchsorted(work.held.owners, positions, side="right") - 1
    events = places - work.begins[positions] + work.decided.events[contracts]
    units = np.asarray(exactly.units(contracts, events, work.held.quantity[flows[places] - NEAR]), dtype=np.int64)
    flows[places] = units
    np.add.at(total, events, units)


def _outside(exactly: _Exactly, net: Floats) -> Ints:
    """Units the world beyond the positions receives at every event."""
    import numpy as np

    found = np.zeros(len(net), dtype=np.int64)
    events = np.flatnonzero(net)
    if not len(events):
        return found
    contracts = np.searchsorted(exactly.decided.events, events, side="right") - 1
    found[events] = np.negative(np.asarray(exactly.units(contracts, events, net[events], "nearest"), dtype=np.int64))
    return found


def _fitting(out: Any, count: int, kind: Any) -> Any:  # noqa: ANN401 - an array of either kind, and the kind
    """Return memory that can take so many of a kind."""
    if out.shape != (count,) or out.dtype != kind or not out.flags.c_contiguous:
        raise InputError("memory for cash flows", f"{out.dtype} of shape {out.shape}", f"Give {count} contiguous {kind}.")
    return out


def _lots(quantity: Floats) -> tuple[Floats, float]:
    """Quantities as whole lots of at most nine decimals, and lots in a contract: their sums are exact, so what cancels is 0."""
    import numpy as np

    for decimals in range(10):
        per_contract = 10.0**decimals
        lots = np.rint(quantity * per_contract)
        if np.array_equal(lots / per_contract, quantity) and np.abs(lots).sum() < 2.0**53:
            return lots, per_contract
    return quantity, 1.0


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


def _compiled(name: str) -> Any:  # noqa: ANN401 - machine code
    from perpscope.mechanisms._kernels import compiled
    from perpscope.trading import _kernels

    return compiled(getattr(_kernels, name))
