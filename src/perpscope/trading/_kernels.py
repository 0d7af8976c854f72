"""The only compiled code of this room: loops over positions, their changes, and the events between two changes.

A position's quantity is constant between changes, so the inner loops are one product for each event: what a contract owes
times what is held. The order of products is that of `charge` and `payment`. Every kernel does contracts low to high.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np

if TYPE_CHECKING:
    from perpscope.trading.columns import Floats, Ints
    from perpscope.trading.work import Charges

    Rows: TypeAlias = tuple[Ints, Ints, Floats, Ints]  # owners, offsets, quantities, and the first event each row counts for
    Stretch: TypeAlias = tuple[np.uint64, np.uint64]
    Either = TypeVar("Either", Ints, Floats)

NEAR = -9223372036854775808
"""Marks units whose rounding floats cannot decide: this and the number of the row that holds them; certain units are above -2^50."""
DOUBT = 10 * 2.0**-53
"""Bound of the relative error of a product of grains, quantity, rate, contract size and price, each a rounded decimal: nine roundings."""
NEAREST, DOWN, TO_ZERO, AWAY = 0, 1, 2, 3
LINEAR, INVERSE, KNOWN = 0, 1, 2
"""What a contract owes: rate * (size * price), rate * (size / price), or what was written before."""
NEARBY = 1024
"""Events added up at a time: so many sums stay in the nearest memory."""


def place(low: int, high: int, owners: Ints, offsets: Ints, changed: Ints, events: Ints, at: Ints, starts: Ints) -> None:  # noqa: PLR0917 - flat arrays
    """Write the first event at or after each change; where none follows, the end of the contract's."""
    for c in range(low, high):
        for k in range(owners[c], owners[c + 1]):
            start = events[c]
            for row in range(offsets[k], offsets[k + 1]):
                start = first_at(at, start, events[c + 1], changed[row])
                starts[row] = start


def first_at(at: Ints, low: int, high: int, ms: int) -> int:
    """First index in low..high whose time is at or after `ms`; regular times are found at the first look, others by bisection."""
    if low == high or at[low] >= ms:
        return low
    if at[high - 1] < ms:
        return high
    span, passed = float(at[high - 1]) - float(at[low]), float(ms) - float(at[low])
    guess = low + int(passed / span * (high - 1 - low)) if passed < span else high - 1
    if at[guess] < ms:
        low = guess + 1
        high = low if at[low] >= ms else high
    else:
        high = guess
        low = high if at[high - 1] < ms else low
    while low < high:
        middle = (low + high) // 2
        if at[middle] < ms:
            low = middle + 1
        else:
            high = middle
    return low


def since(row: int, last: int, starts: Ints, end: int) -> int:
    """First event a row counts for; the end where a position has no such row."""
    return starts[row] if row < last else end


def stretch(row: int, last: int, starts: Ints, first: int, end: int) -> Stretch:
    """Return which events of a contract a row counts for, unsigned: a loop over them need not ask whether an index is negative."""
    return np.uint64(starts[row] - first), np.uint64(since(row + 1, last, starts, end) - first)


def scratch(events: Ints, low: int, high: int) -> Floats:
    """Room for one number at each event of the longest contract."""
    longest = 0
    for c in range(low, high):
        longest = max(longest, events[c + 1] - events[c])
    return np.empty(longest)


def owe(charges: Charges, c: int, first: int, owed: Floats) -> None:
    """Write what one contract held long owes at every event from the first on."""
    kinds, sizes, _, rates, prices, known = charges
    if kinds[c] == LINEAR:
        for e in range(len(owed)):
            owed[e] = rates[first + e] * (sizes[c] * prices[first + e])
    elif kinds[c] == INVERSE:
        for e in range(len(owed)):
            owed[e] = rates[first + e] * (sizes[c] / prices[first + e])
    else:
        owed[:] = known[first : first + len(owed)]


def received(quantity: float, sign: float) -> float:
    """Return what a holder receives for each unit of money a long contract owes."""
    return -quantity if quantity >= 0 else sign * quantity


def hold(low: int, high: int, events: Ints, rows: Rows, lots: Floats, per_contract: float, net: Floats) -> int:  # noqa: PLR0917 - flat arrays
    """Write the net contracts at each event where there are some, and return the number of these events."""
    owners, offsets, _, starts = rows
    steps, found = scratch(events, low, high), 0
    for c in range(low, high):
        own = steps[: events[c + 1] - events[c]]
        own[:] = 0.0
        for k in range(owners[c], owners[c + 1]):
            lot = 0.0
            for row in range(offsets[k], offsets[k + 1]):
                if starts[row] < events[c + 1]:
                    own[starts[row] - events[c]] += lots[row] - lot
                lot = lots[row]
        held = 0.0
        for e in range(len(own)):
            held += own[e]
            if held != 0:
                net[events[c] + e] = held / per_contract
                found += 1
    return found


def pay(  # noqa: PLR0917 - a kernel takes flat arrays
    low: int, high: int, events: Ints, rows: Rows, charges: Charges, begins: Ints, out: Floats, net: Floats, total: Floats, off: Floats
) -> None:
    """Write the amount of every position at every event; of each event the sum; of each contract how far the sums are from the net's."""
    owners, offsets, quantities, starts = rows
    owed, signs = scratch(events, low, high), charges[2]
    for c in range(low, high):
        start, end = events[c], events[c + 1]
        own = owed[: end - start]
        owe(charges, c, start, own)
        for k in range(owners[c], owners[c + 1]):
            flows = out[begins[k] : begins[k + 1]]
            flows[: since(offsets[k], offsets[k + 1], starts, end) - start] = 0
            for row in range(offsets[k], offsets[k + 1]):
                held = stretch(row, offsets[k + 1], starts, start, end)
                pay_between(own, held, received(quantities[row], signs[c]), flows)
        add_up(out, begins[owners[c] : owners[c + 1]], total[start:end])
        for e in range(len(own)):
            off[c] += np.abs(total[start + e] - own[e] * received(net[start + e], signs[c]))


def pay_between(owed: Floats, held: Stretch, factor: float, out: Floats) -> None:
    """Write the amounts of one holding between two changes."""
    for e in range(held[0], held[1]):
        out[e] = owed[e] * factor if factor != 0 else 0.0


def add_up(flows: Either, begins: Ints, total: Either) -> None:
    """Write what all positions of a contract receive at each event, in order of position.

    A few events at a time: what was just written is still near, and the sums stay nearer.
    """
    for low in range(0, len(total), NEARBY):
        own = total[low : low + NEARBY]
        own[:] = 0
        for begin in begins:
            add_to(own, flows[begin + low : begin + low + len(own)])


def add_to(total: Either, flows: Either) -> None:
    """Add flows to sums; whole units wrap around, so that a mark in them can be taken off again."""
    for e in range(len(flows)):
        total[e] += flows[e]


def count(  # noqa: PLR0917 - a kernel takes flat arrays
    low: int,
    high: int,
    events: Ints,
    rows: Rows,
    charges: Charges,
    begins: Ints,
    out: Ints,
    total: Ints,
    grains: tuple[Floats, Ints],
    doubts: Ints,
) -> None:
    """Write whole units as `pay` writes amounts, and their sums. `grains` is (numbers, rounding codes), one each for a contract.

    `doubts` counts the units of each holding, from one change to the next, that are marked `NEAR`; the sums have the marks in them.
    """
    owners, offsets, quantities, starts = rows
    owed, signs = scratch(events, low, high), charges[2]
    for c in range(low, high):
        start, end = events[c], events[c + 1]
        own, each = owed[: end - start], (grains[0][c], grains[1][c])
        owe(charges, c, start, own)
        for k in range(owners[c], owners[c + 1]):
            flows = out[begins[k] : begins[k + 1]]
            flows[: since(offsets[k], offsets[k + 1], starts, end) - start] = 0
            for row in range(offsets[k], offsets[k + 1]):
                held = stretch(row, offsets[k + 1], starts, start, end)
                doubts[row] = count_between(own, held, received(quantities[row], signs[c]), each, row, flows)
        add_up(out, begins[owners[c] : owners[c + 1]], total[start:end])


def count_between(owed: Floats, held: Stretch, factor: float, grains: tuple[float, int], row: int, out: Ints) -> int:
    """Write the units of one holding between two changes; return how many are marked as doubtful."""
    if factor == 0:
        out[held[0] : held[1]] = 0
        return 0
    found = (
        nearest_between(owed, held, factor, grains[0], out) if grains[1] == NEAREST else directed_between(owed, held, factor, grains, out)
    )
    if found:
        mark(owed, held, factor, grains, row, out)
    return found


def nearest_between(owed: Floats, held: Stretch, factor: float, grains: float, out: Ints) -> int:
    """Round half to even; return how many are too near a half, or too large, to be sure of."""
    found = 0
    for e in range(held[0], held[1]):
        scaled = owed[e] * factor * grains
        units = np.rint(scaled)
        found += 1 - (0.5 - np.abs(scaled - units) >= DOUBT * np.abs(scaled))
        out[e] = np.int64(units)
    return found


def directed_between(owed: Floats, held: Stretch, factor: float, grains: tuple[float, int], out: Ints) -> int:
    """Round in a direction; return how many are too near a whole number, or too large, to be sure of."""
    found, rounding = 0, grains[1]
    for e in range(held[0], held[1]):
        scaled = owed[e] * factor * grains[0]
        units = np.floor(scaled)
        if units != scaled and (rounding > AWAY or (rounding == TO_ZERO and units < 0) or (rounding == AWAY and units >= 0)):
            units += 1.0
        found += 1 - (np.abs(scaled - np.rint(scaled)) >= DOUBT * np.abs(scaled))
        out[e] = np.int64(units)
    return found


def mark(owed: Floats, held: Stretch, factor: float, grains: tuple[float, int], row: int, out: Ints) -> None:
    """Mark the places of the doubtful units."""
    for e in range(held[0], held[1]):
        scaled = owed[e] * factor * grains[0]
        off = np.abs(scaled - np.rint(scaled))
        if not (0.5 - off if grains[1] == NEAREST else off) >= DOUBT * np.abs(scaled):
            out[e] = NEAR + row


def find_marks(low: int, high: int, events: Ints, rows: Rows, begins: Ints, doubts: Ints, flows: Ints, places: Ints) -> None:  # noqa: PLR0917 - flat arrays
    """Write the places of all marks, in order, from the holdings that have some."""
    owners, offsets, _, starts = rows
    n = 0
    for c in range(low, high):
        for k in range(owners[c], owners[c + 1]):
            shift = begins[k] - events[c]
            for row in range(offsets[k], offsets[k + 1]):
                if doubts[row]:
                    for i in range(starts[row] + shift, since(row + 1, offsets[k + 1], starts, events[c + 1]) + shift):
                        if flows[i] < NEAR // 2:
                            places[n] = i
                            n += 1


def sum_up(low: int, high: int, events: Ints, rows: Rows, charges: Charges, out: Floats) -> None:
    """Write the total of every position into out[0], the sum of magnitudes of its cash flows into out[1]."""
    owners, offsets, quantities, starts = rows
    owed, signs = scratch(events, low, high), charges[2]
    sums = np.empty((3, len(owed) + 1))
    for c in range(low, high):
        start, end = events[c], events[c + 1]
        owe(charges, c, start, owed[: end - start])
        running(owed[: end - start], sums)
        for k in range(owners[c], owners[c + 1]):
            total, gross = 0.0, 0.0
            for row in range(offsets[k], offsets[k + 1]):
                i, j = starts[row] - start, since(row + 1, offsets[k + 1], starts, end) - start
                own = (sums[0, j] - sums[0, i]) + (sums[1, j] - sums[1, i])
                total += own * received(quantities[row], signs[c])
                gross += (sums[2, j] - sums[2, i]) * np.abs(quantities[row])
            out[0, k], out[1, k] = total, gross


def running(owed: Floats, sums: Floats) -> None:
    """Write running sums before each event and after the last: the leading part, what its additions lost, the sum of magnitudes."""
    high, low, gross = 0.0, 0.0, 0.0
    for e in range(len(owed)):
        sums[0, e], sums[1, e], sums[2, e] = high, low, gross
        more = high + owed[e]
        back = more - high
        low += (high - (more - back)) + (owed[e] - back)
        high = more
        gross += np.abs(owed[e])
    sums[0, len(owed)], sums[1, len(owed)], sums[2, len(owed)] = high, low, gross
