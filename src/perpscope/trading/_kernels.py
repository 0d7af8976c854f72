"""The only compiled code of this room: loops over positions, their changes, and the events between two changes.

A position's quantity is constant between changes, so the inner loops are one product for each event: what a contract owes
times what is held. The order of products is that of `charge` and `payment`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from perpscope.trading.columns import Floats, Ints

    Rows: TypeAlias = tuple[Ints, Ints, Floats, Floats, Ints]

NEAR = -9223372036854775808
"""Marks units whose rounding floats cannot decide: this and the number of the row that holds them; certain units are above -2^50."""
DOUBT = 10 * 2.0**-53
"""Bound of the relative error of a product of grains, quantity, rate, contract size and price, each a rounded decimal: nine roundings."""
NEAREST, DOWN, TO_ZERO, AWAY = 0, 1, 2, 3
ANY_SIZE = 8
"""Added to the code of a rounding where units may be too large for the magic number."""
MAGIC = 1.5 * 2.0**52
"""Added to a double below 2^51 in size it rounds it to the nearest whole number, half to even, and leaves that number in the last bits."""
MAGIC_BITS = 0x4338000000000000
"""Those of MAGIC itself: the difference of the bits is the number. Processors turn doubles into integers so many at a time."""


def first_at(at: Ints, low: int, high: int, ms: int) -> int:
    """First index in low..high whose time is at or after `ms`."""
    while low < high:
        middle = (low + high) // 2
        if at[middle] < ms:
            low = middle + 1
        else:
            high = middle
    return low


def received(quantity: float, sign: float) -> float:
    """Return what a holder receives for each unit of money a long contract owes."""
    return -quantity if quantity >= 0 else sign * quantity


def pay(  # noqa: PLR0917 - a kernel takes flat arrays
    owners: Ints, events: Ints, rows: Rows, at: Ints, owed: Floats, signs: Floats, out: Floats, net: Floats, total: Floats
) -> None:
    """Write the amount of every position at every event, and of each event the net lots and the sum of amounts."""
    offsets, changed, quantities, lots, begins = rows
    for c in range(len(owners) - 1):
        for k in range(owners[c], owners[c + 1]):
            start, end, shift, quantity, lot = events[c], events[c], begins[k] - events[c], 0.0, 0.0
            for row in range(offsets[k], offsets[k + 1] + 1):
                end = first_at(at, start, events[c + 1], changed[row]) if row < offsets[k + 1] else events[c + 1]
                if quantity == 0:
                    out[start + shift : end + shift] = 0.0
                else:
                    own = out[start + shift : end + shift]
                    pay_between(owed[start:end], received(quantity, signs[c]), own, total[start:end])
                if row < offsets[k + 1]:
                    step(net, end, events[c + 1], lots[row] - lot)
                    quantity, lot = quantities[row], lots[row]
                start = end
        hold(net, events[c], events[c + 1])


def step(net: Floats, event: int, end: int, change: float) -> None:
    """Note a change of the net position at the first event it counts for, if there is one."""
    if event < end:
        net[event] += change


def hold(net: Floats, start: int, end: int) -> None:
    """Turn changes of the net position into what is held."""
    held = 0.0
    for e in range(start, end):
        held += net[e]
        net[e] = held


def pay_between(owed: Floats, factor: float, out: Floats, total: Floats) -> None:
    """Write the amounts of one holding between two changes, and add them up."""
    for e in range(len(owed)):
        amount = owed[e] * factor
        out[e] = amount
        total[e] += amount


def count(  # noqa: PLR0917 - a kernel takes flat arrays
    owners: Ints,
    events: Ints,
    rows: Rows,
    at: Ints,
    owed: Floats,
    signs: Floats,
    out: tuple[Ints, Floats],
    net: Floats,
    total: Ints,
    grains: tuple[Floats, Ints],
    doubts: Ints,
) -> None:
    """Write whole units as `pay` writes amounts; `out` is one memory as integers and as doubles.

    `grains` is (numbers, rounding codes), one each for a contract.

    `doubts` counts the units of each holding, from one change to the next, that are marked `NEAR`.
    """
    offsets, changed, quantities, lots, begins = rows
    for c in range(len(owners) - 1):
        peak = largest(owed[events[c] : events[c + 1]]) * grains[0][c]
        for k in range(owners[c], owners[c + 1]):
            start, end, shift, quantity, lot = events[c], events[c], begins[k] - events[c], 0.0, 0.0
            for row in range(offsets[k], offsets[k + 1] + 1):
                end = first_at(at, start, events[c + 1], changed[row]) if row < offsets[k + 1] else events[c + 1]
                if quantity == 0:
                    out[0][start + shift : end + shift] = 0
                else:
                    factor = received(quantity, signs[c])
                    own = out[0][start + shift : end + shift], out[1][start + shift : end + shift]
                    each = grains[0][c], grains[1][c] if peak * np.abs(factor) < MAGIC / 3 else grains[1][c] + ANY_SIZE
                    doubts[row - 1] = count_between(owed[start:end], factor, each, row - 1, own, total[start:end])
                if row < offsets[k + 1]:
                    step(net, end, events[c + 1], lots[row] - lot)
                    quantity, lot = quantities[row], lots[row]
                start = end
        hold(net, events[c], events[c + 1])


def count_between(owed: Floats, factor: float, grains: tuple[float, int], row: int, out: tuple[Ints, Floats], total: Ints) -> int:
    """Write the units of one holding between two changes and add them up; return how many are marked as doubtful."""
    rounding = grains[1] % ANY_SIZE
    if grains[1] == NEAREST:
        found = nearest_between(owed, factor, grains[0], out[1])
        add_up(out[0], total)
    elif rounding == NEAREST:
        found = nearest_of_any(owed, factor, grains[0], out[0], total)
    else:
        found = directed_between(owed, factor, grains[0], rounding, out[0], total)
    if found:
        mark(owed, factor, (grains[0], rounding), row, out[0], total)
    return found


def largest(owed: Floats) -> float:
    """Largest size of what a contract owes."""
    found = 0.0
    for each in owed:
        found = max(found, abs(each))
    return found


def nearest_between(owed: Floats, factor: float, grains: float, out: Floats) -> int:
    """Round half to even, by the magic number; return how many are too near a half to be sure of."""
    found = 0
    for e in range(len(owed)):
        scaled = owed[e] * factor * grains
        raised = scaled + MAGIC
        found += 0.5 - np.abs(scaled - (raised - MAGIC)) < DOUBT * np.abs(scaled)
        out[e] = raised
    return found


def add_up(out: Ints, total: Ints) -> None:
    """Take the magic number off the bits, and add the units up."""
    for e in range(len(out)):
        units = out[e] - MAGIC_BITS
        out[e] = units
        total[e] += units


def nearest_of_any(owed: Floats, factor: float, grains: float, out: Ints, total: Ints) -> int:
    """Round half to even where units may be of any size; return how many are too near a half to be sure of."""
    found = 0
    for e in range(len(owed)):
        scaled = owed[e] * factor * grains
        units = np.rint(scaled)
        found += 0.5 - np.abs(scaled - units) < DOUBT * np.abs(scaled)
        out[e] = np.int64(units)
        total[e] += np.int64(units)
    return found


def directed_between(owed: Floats, factor: float, grains: float, rounding: int, out: Ints, total: Ints) -> int:
    """Round in a direction; return how many are too near a whole number to be sure of."""
    found = 0
    for e in range(len(owed)):
        scaled = owed[e] * factor * grains
        units = np.floor(scaled)
        if units != scaled and (rounding > AWAY or (rounding == TO_ZERO and units < 0) or (rounding == AWAY and units >= 0)):
            units += 1.0
        found += np.abs(scaled - np.rint(scaled)) < DOUBT * np.abs(scaled)
        out[e] = np.int64(units)
        total[e] += np.int64(units)
    return found


def mark(owed: Floats, factor: float, grains: tuple[float, int], row: int, out: Ints, total: Ints) -> None:
    """Take the doubtful units out of the sum and mark their places."""
    for e in range(len(owed)):
        scaled = owed[e] * factor * grains[0]
        off = np.abs(scaled - np.rint(scaled))
        if (0.5 - off if grains[1] == NEAREST else off) < DOUBT * np.abs(scaled):
            total[e] -= out[e]
            out[e] = NEAR + row


def find_marks(  # noqa: PLR0917 - a kernel takes flat arrays
    owners: Ints, events: Ints, rows: tuple[Ints, Ints, Ints], at: Ints, doubts: Ints, flows: Ints, places: Ints
) -> None:
    """Write the places of all marks, in order, from the holdings that have some."""
    offsets, changed, begins = rows
    n = 0
    for c in range(len(owners) - 1):
        for k in range(owners[c], owners[c + 1]):
            shift = begins[k] - events[c]
            for row in range(offsets[k], offsets[k + 1]):
                if doubts[row]:
                    start = first_at(at, events[c], events[c + 1], changed[row])
                    end = first_at(at, start, events[c + 1], changed[row + 1]) if row + 1 < offsets[k + 1] else events[c + 1]
                    for i in range(start + shift, end + shift):
                        if flows[i] < NEAR // 2:
                            places[n] = i
                            n += 1


def running(owed: Floats, events: Ints, sums: Floats, first: int) -> None:
    """Write running sums of what a contract owes, before each event and after the last, (3, n + c).

    The rows are the leading part, what its additions lost, and the sum of magnitudes. Contract c begins at column events[c] + c;
    `first` is the number of the first contract given.
    """
    for c in range(len(events) - 1):
        high, low, gross = 0.0, 0.0, 0.0
        shift = first + c
        for e in range(events[c], events[c + 1]):
            i = e + shift
            sums[0, i], sums[1, i], sums[2, i] = high, low, gross
            more = high + owed[e]
            back = more - high
            low += (high - (more - back)) + (owed[e] - back)
            high = more
            gross += np.abs(owed[e])
        i = events[c + 1] + shift
        sums[0, i], sums[1, i], sums[2, i] = high, low, gross


def sum_up(  # noqa: PLR0917 - a kernel takes flat arrays
    owners: Ints, events: Ints, rows: tuple[Ints, Ints, Floats], at: Ints, sums: Floats, signs: Floats, first: int, out: Floats
) -> None:
    """Write the total of every position into out[0], the sum of magnitudes of its cash flows into out[1]; `first` as in `running`."""
    offsets, changed, quantities = rows
    for c in range(len(owners) - 1):
        columns = first + c
        for k in range(owners[c], owners[c + 1]):
            total, gross = 0.0, 0.0
            start = first_at(at, events[c], events[c + 1], changed[offsets[k]]) if offsets[k] < offsets[k + 1] else 0
            for row in range(offsets[k], offsets[k + 1]):
                end = first_at(at, start, events[c + 1], changed[row + 1]) if row + 1 < offsets[k + 1] else events[c + 1]
                i, j = start + columns, end + columns
                owed = (sums[0, j] - sums[0, i]) + (sums[1, j] - sums[1, i])
                total += owed * received(quantities[row], signs[c])
                gross += (sums[2, j] - sums[2, i]) * np.abs(quantities[row])
                start = end
            out[0, k], out[1, k] = total, gross
