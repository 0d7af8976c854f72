"""The only compiled code of this room: one trade of a short and a long linear leg, row by row, and the same with most rows left out.

`walk` is the definition: it visits every row. `leap` visits the rows in which something can happen, by the same `step`: between two
stamps of funding neither the signal nor the margins change, so one comparison with the worst price of the stretch tells that nobody is
liquidated in it, and one with the signal that nothing is decided. Both give the same bits. The order of things in a row is that of
`perpscope.trading.backtest.fold`.

A leg's quantity is signed against its gain: q > 0 for the short leg, -q for the long one, so that cash + quantity x (entry - price)
is the equity of either, and one text serves both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    from perpscope.trading.lanes.track import Flags, Floats, Ints, LegTerms, Terms, Track

    Window: TypeAlias = tuple[int, int, int]  # first row, last row, and the stretch the first row lies in
    Two: TypeAlias = tuple[float, float]  # of the short and of the long leg
    Five: TypeAlias = tuple[Floats, Floats, Floats, Floats, Floats]  # (symbols, rows): price, mark, bad, good, gap
    Clock: TypeAlias = tuple[Ints, Flags, Ints, Ints, Ints, Floats, float]  # at, decides, rows of stamps, looks, eras, costs, rates a year
    Costs: TypeAlias = tuple[float, float, float, float]  # of opening and closing the short leg, and the long one
    Row: TypeAlias = tuple[int, bool, float, Costs]  # ms UTC, whether it is the last, expected carry, costs
    Seen: TypeAlias = tuple[float, float, float, float, float, float]  # what a row says of a leg
    Numbers: TypeAlias = tuple[float, float, float, float, float, float, float, float, float, float]  # a set
    Columns: TypeAlias = tuple[int, int, int]

INF = float("inf")
NEVER = -(2.0**60)
"""ms; so long ago that every rest is over."""

ENTER_ABOVE, LEAVE_BELOW, SIGNAL, SHORT_MARGIN, LONG_MARGIN, STAY, REST, MOST, CAPITAL, TARGET = range(10)
"""Columns of a parameter set: annual rates, number of the signal, margins per unit of notional, times in ms, capital, most notional."""
IDLE, FUNDING, COSTS, LOST, TRADES, LIQUIDATIONS, HOURS, QUANTITY, OPENED, CLOSED, LEAVING = range(11)
"""Places of a state: money outside the legs; what came of it so far; base units, ms UTC, and whether a leg was lost (0 or 1)."""
SHORT, LONG = (11, 12, 13), (14, 15, 16)
"""Places of a leg in a state: whether it is held (0 or 1), its entry price, its cash."""
HELD, ENTRY, CASH = range(3)
PLACES = 17
OPEN_SHORT, CLOSE_SHORT, OPEN_LONG, CLOSE_LONG = range(4)
"""Columns of the costs, fractions of the notional."""
PRICE, MARK, BAD, GOOD, GAP, OWED = range(6)
"""Places of what a row says of a leg, see `track.Side`."""
TOTALS = 7
"""Places of a state that are its result: when nothing is held, the idle money is all there is."""


def cut(short: Ints, long: Ints, last: int, ends: Ints, short_known: Ints, long_known: Ints) -> int:
    """Cut rows into stretches that end with a stamp of either leg, and return how many there are.

    `short`, `long` are the rows of the legs' stamps, not falling. Written are the last row of each stretch, and how many stamps of each leg
    lie before it; behind the last one, all of them.
    """
    n, i, j, row = 0, 0, 0, -1
    while row < last:
        short_known[n], long_known[n] = i, j
        row = last
        if i < len(short):
            row = min(row, short[i])
        if j < len(long):
            row = min(row, long[j])
        ends[n] = row
        n += 1
        while i < len(short) and short[i] <= row:
            i += 1
        while j < len(long) and long[j] <= row:
            j += 1
    short_known[n], long_known[n] = i, j
    return n


def pour(known: Ints, owed: Floats, found: Floats) -> None:
    """Add up what is owed at the end of each stretch."""
    for b in range(len(found)):
        total = 0.0
        for k in range(known[b], known[b + 1]):
            total += owed[k]
        found[b] = total


def means(known: Ints, before: int, rates: Floats, look: int, sign: float, found: Floats) -> None:
    """Add to each stretch sign x mean of the last rates known before it, oldest first; NaN where fewer are known."""
    for b in range(len(found)):
        end = before + known[b]
        total = 0.0 if end >= look else np.nan
        for k in range(max(end - look, 0), end):
            total += rates[k]
        found[b] += sign * (total / look)


def worst(ends: Ints, bad: Floats, sign: float, found: Floats) -> None:
    """Write the worst price of a leg in each stretch: the highest of a short one (sign 1), the lowest of a long one (sign -1).

    Rows are counted unsigned: then nothing asks whether one is negative.
    """
    row, one = np.uint64(0), np.uint64(1)
    for b in range(len(ends)):
        end, most = np.uint64(ends[b]), sign * bad[row]
        while row <= end:
            most = max(most, sign * bad[row])
            row += one
        found[b] = sign * most


def short_of_margin(price: float, quantity: float, entry: float, cash: float, divisor: float) -> bool:
    """Whether cash + quantity (entry - price) is below the maintenance of quantity x (divisor - 1) x price, without a division."""
    return price * (quantity * divisor) > cash + quantity * entry


def left_of(price: float, quantity: float, entry: float, cash: float, penalty: float) -> float:
    """Cash that is left of a leg closed by force at a price; what is missing the insurance fund bears."""
    return max(cash + quantity * (entry - price) - penalty * (abs(quantity) * price), 0.0)


def lose(price: float, seen: Seen, leg: LegTerms, sign: float, at: Columns, state: Floats) -> None:
    """Close a leg by force at a price; lost is what it comes to beside its worth at the trade price of the row."""
    quantity = sign * state[QUANTITY]
    left = left_of(price, quantity, state[at[ENTRY]], state[at[CASH]], leg.penalty)
    state[IDLE] += left
    state[LOST] += left - (state[at[CASH]] + quantity * (state[at[ENTRY]] - seen[PRICE]))
    state[LIQUIDATIONS] += 1.0
    state[at[CASH]] = 0.0
    state[at[HELD]] = 0
    state[LEAVING] = 1.0


def suffer(seen: Seen, leg: LegTerms, sign: float, at: Columns, state: Floats) -> None:
    """Liquidate a leg that the row's extreme took beyond its margin.

    It fills at its limit where the bar was on the good side of it, else at the price known beyond.
    """
    quantity, entry, cash = sign * state[QUANTITY], state[at[ENTRY]], state[at[CASH]]
    if state[at[HELD]] and short_of_margin(seen[BAD], quantity, entry, cash, leg.divisor):
        limit = (cash + quantity * entry) / (quantity * leg.divisor)
        gone = seen[GOOD] > limit if sign > 0 else seen[GOOD] < limit
        lose(seen[GAP] if gone else limit, seen, leg, sign, at, state)


def pay(seen: Seen, leg: LegTerms, sign: float, at: Columns, state: Floats) -> None:
    """Pay a leg the funding of a row; one that it leaves below its margin at the mark is liquidated there."""
    if not state[at[HELD]] or seen[OWED] == 0.0:
        return
    quantity = sign * state[QUANTITY]
    amount = quantity * seen[OWED]
    state[at[CASH]] += amount
    state[FUNDING] += amount
    if amount < 0.0 and short_of_margin(seen[MARK], quantity, state[at[ENTRY]], state[at[CASH]], leg.divisor):
        lose(seen[MARK], seen, leg, sign, at, state)


def close(seen: Seen, cost: float, sign: float, at: Columns, state: Floats) -> None:
    """Close a leg at the trade price, costs (a fraction) and all."""
    if state[at[HELD]]:
        quantity = sign * state[QUANTITY]
        paid = cost * (abs(quantity) * seen[PRICE])
        state[IDLE] += state[at[CASH]] + quantity * (state[at[ENTRY]] - seen[PRICE]) - paid
        state[COSTS] += paid
        state[at[CASH]] = 0.0
        state[at[HELD]] = 0.0


def bears(seen: Seen, leg: LegTerms, quantity: float, cash: float) -> bool:
    """Whether a leg opened in a row stands at the mark with what its costs left it."""
    return cash + quantity * (seen[PRICE] - seen[MARK]) >= leg.need * (abs(quantity) * seen[MARK])


def enter(row: Row, short: Seen, long: Seen, terms: Terms, own: Numbers, state: Floats) -> None:
    """Open both legs, as far as the money reaches; not at all where a leg would be liquidated at once, or nothing is left."""
    notional = min(own[TARGET], state[IDLE] / (own[SHORT_MARGIN] + own[LONG_MARGIN] + terms.buffer))
    if not (notional > 0.0 and state[IDLE] >= terms.unit):
        return
    quantity = notional / (short[PRICE] if terms.by_short else long[PRICE])
    now, _, _, costs = row
    short_paid, long_paid = costs[OPEN_SHORT] * (quantity * short[PRICE]), costs[OPEN_LONG] * (quantity * long[PRICE])
    short_cash, long_cash = notional * own[SHORT_MARGIN] - short_paid, notional * own[LONG_MARGIN] - long_paid
    if bears(short, terms.short, quantity, short_cash) and bears(long, terms.long, -quantity, long_cash):
        state[IDLE] -= notional * own[SHORT_MARGIN] + notional * own[LONG_MARGIN]
        state[QUANTITY], state[SHORT[CASH]], state[LONG[CASH]] = quantity, short_cash, long_cash
        state[SHORT[ENTRY]], state[LONG[ENTRY]] = short[PRICE], long[PRICE]
        state[COSTS] += short_paid + long_paid
        state[TRADES] += 1.0
        state[SHORT[HELD]], state[LONG[HELD]], state[OPENED] = 1.0, 1.0, now


def would_enter(signal: float, now: int, own: Numbers, closed: float) -> bool:
    """Whether an empty book opens: the signal is above its threshold (an absent one is where there is none), and the rest is over."""
    wanted = signal > own[ENTER_ABOVE] or (signal != signal and own[ENTER_ABOVE] == -INF)  # noqa: PLR0124 - only NaN differs from itself
    return wanted and now - closed >= own[REST]


def would_leave(signal: float, now: int, own: Numbers, opened: float) -> bool:
    """Whether a position is closed: it was held for the longest time, or for the shortest and the signal is below its threshold."""
    return now - opened >= own[MOST] or (signal < own[LEAVE_BELOW] and now - opened >= own[STAY])


def strike(short: Seen, long: Seen, terms: Terms, state: Floats) -> None:
    """Let the extremes of a row do what they do to what is held."""
    suffer(short, terms.short, 1.0, SHORT, state)
    suffer(long, terms.long, -1.0, LONG, state)


def settle(short: Seen, long: Seen, terms: Terms, state: Floats) -> None:
    """Pay both legs the funding of a row."""
    pay(short, terms.short, 1.0, SHORT, state)
    pay(long, terms.long, -1.0, LONG, state)


def decide(row: Row, short: Seen, long: Seen, terms: Terms, own: Numbers, state: Floats) -> None:
    """Open or close in a row."""
    now, final, signal, costs = row
    if state[SHORT[HELD]] or state[LONG[HELD]] or state[LEAVING]:
        if final or state[LEAVING] or would_leave(signal, now, own, state[OPENED]):
            close(short, costs[CLOSE_SHORT], 1.0, SHORT, state)
            close(long, costs[CLOSE_LONG], -1.0, LONG, state)
            state[HOURS] += (now - state[OPENED]) / MS_PER_HOUR
            state[LEAVING], state[CLOSED] = 0.0, now
    elif not final and would_enter(signal, now, own, state[CLOSED]):
        enter(row, short, long, terms, own, state)


def equity(short: float, long: float, state: Floats) -> float:
    """All money at two trade prices."""
    found = float(state[IDLE])
    if state[SHORT[HELD]]:
        found += state[SHORT[CASH]] + state[QUANTITY] * (state[SHORT[ENTRY]] - short)
    if state[LONG[HELD]]:
        found += state[LONG[CASH]] - state[QUANTITY] * (state[LONG[ENTRY]] - long)
    return found


def count_passed(era: int, row: int, eras: Ints) -> int:
    """How many further eras of costs have begun by a row."""
    found = 0
    while era + found + 1 < len(eras) and eras[era + found + 1] <= row:
        found += 1
    return found


def draw_rest(p: int, points: Ints, short: Floats, long: Floats, state: Floats, drawn: Floats) -> None:
    """Write the equity at the points that are left, at the prices of both legs."""
    while p < len(points):
        drawn[p] = equity(short[points[p]], long[points[p]], state)
        p += 1


def begin(own: Numbers, state: Floats) -> None:
    """Set a state to nothing but its capital."""
    state[:] = 0.0
    state[IDLE] = own[CAPITAL]
    state[OPENED] = state[CLOSED] = NEVER


def write_down(state: Floats, out: Floats) -> None:
    """Write the result of a state in which nothing is held."""
    for k in range(TOTALS):
        out[k] = state[k]


def fail(prices: Two, held: float, entries: Two, cash: Two, terms: Terms) -> bool:
    """Whether either leg's margin is not enough at its price; of short and long leg, in this order."""
    return short_of_margin(prices[0], held, entries[0], cash[0], terms.short.divisor) or short_of_margin(
        prices[1], -held, entries[1], cash[1], terms.long.divisor
    )


def walk(low: int, high: int, window: Window, track: Track, terms: Terms, sets: Floats, points: Ints, curve: Floats, out: Floats) -> None:  # noqa: PLR0917 - a kernel takes flat arrays
    """Run parameter sets low to high through every row of a window.

    `points` are the rows at which the equity is written (after all that happens in them), rising, within the window.
    """
    first, last, start = window
    at, decides, ends, signals, eras, costs, (s0, s1, s2, s3, s4, s5, _), (l0, l1, l2, l3, l4, l5, _) = track
    state = np.empty(PLACES)
    for k in range(low, high):
        own = (sets[k, 0], sets[k, 1], sets[k, 2], sets[k, 3], sets[k, 4], sets[k, 5], sets[k, 6], sets[k, 7], sets[k, 8], sets[k, 9])
        begin(own, state)
        look, b, p, era, drawn = int(own[SIGNAL]), start, 0, 0, curve[k]
        for i in range(first, last + 1):
            b += i > ends[b]
            paid = i == ends[b]
            short = (s0[i], s1[i], s2[i], s3[i], s4[i], s5[b] if paid else 0.0)
            long = (l0[i], l1[i], l2[i], l3[i], l4[i], l5[b] if paid else 0.0)
            strike(short, long, terms, state)
            settle(short, long, terms, state)
            if decides[i]:
                era += count_passed(era, i, eras)
                charged = (costs[era, 0], costs[era, 1], costs[era, 2], costs[era, 3])
                decide((at[i], i == last, signals[look, b], charged), short, long, terms, own, state)
            if p < len(points) and points[p] == i:
                drawn[p] = equity(s0[i], l0[i], state)
                p += 1
        write_down(state, out[k])


def leap(  # noqa: C901, PLR0912, PLR0917 - one text: a call with arrays would cost more than all it does
    low: int, high: int, window: Window, track: Track, terms: Terms, sets: Floats, points: Ints, curve: Floats, out: Floats
) -> None:
    """Run parameter sets low to high through the rows of a window in which something can happen; see `walk`.

    What is held is paid stretch by stretch as long as neither the signal nor the worst price of the stretch can move it; what is not held
    waits for a signal. Where something may happen the rows are visited one by one, which is exact, whether it does or not.
    """
    first, last, start = window
    at, decides, ends, signals, eras, costs, (s0, s1, s2, s3, s4, s5, highest), (l0, l1, l2, l3, l4, l5, lowest) = track
    state, final = np.empty(PLACES), start
    while ends[final] < last:
        final += 1
    for k in range(low, high):
        own = (sets[k, 0], sets[k, 1], sets[k, 2], sets[k, 3], sets[k, 4], sets[k, 5], sets[k, 6], sets[k, 7], sets[k, 8], sets[k, 9])
        begin(own, state)
        b, p, i, era, drawn, looked = start, 0, first, 0, curve[k], signals[int(own[SIGNAL])]
        while i <= last:
            before = b
            if state[SHORT[HELD]] and state[LONG[HELD]]:
                held, entries = state[QUANTITY], (state[SHORT[ENTRY]], state[LONG[ENTRY]])
                cash, other, funding = state[SHORT[CASH]], state[LONG[CASH]], state[FUNDING]
                while b < final and not fail((highest[b], lowest[b]), held, entries, (cash, other), terms):
                    end, paid, other_paid = ends[b], held * s5[b], -held * l5[b]
                    if (looked[b] < own[LEAVE_BELOW] or own[MOST] < INF) and would_leave(looked[b], at[end], own, state[OPENED]):
                        break
                    if (paid < 0.0 or other_paid < 0.0) and fail(
                        (s1[end], l1[end]), held, entries, (cash + paid, other + other_paid), terms
                    ):
                        break
                    while p < len(points) and points[p] < end:
                        state[SHORT[CASH]], state[LONG[CASH]] = cash, other
                        drawn[p] = equity(s0[points[p]], l0[points[p]], state)
                        p += 1
                    cash, other, funding = cash + paid, other + other_paid, funding + paid + other_paid
                    b += 1
                state[SHORT[CASH]], state[LONG[CASH]], state[FUNDING] = cash, other, funding
            elif not state[LEAVING]:
                while b <= final and not (
                    not looked[b] <= own[ENTER_ABOVE] and would_enter(looked[b], at[min(ends[b], last)], own, state[CLOSED])
                ):
                    b += 1
            i = ends[b - 1] + 1 if b > before else i
            if i > last:
                break
            while p < len(points) and points[p] < i:
                drawn[p] = equity(s0[points[p]], l0[points[p]], state)
                p += 1
            paid_here = i == ends[b]
            short = (s0[i], s1[i], s2[i], s3[i], s4[i], s5[b] if paid_here else 0.0)
            long = (l0[i], l1[i], l2[i], l3[i], l4[i], l5[b] if paid_here else 0.0)
            strike(short, long, terms, state)
            settle(short, long, terms, state)
            if decides[i]:
                era += count_passed(era, i, eras)
                charged = (costs[era, 0], costs[era, 1], costs[era, 2], costs[era, 3])
                decide((at[i], i == last, looked[b], charged), short, long, terms, own, state)
            i += 1
            b += i > ends[b]
        draw_rest(p, points, s0, l0, state, drawn)
        write_down(state, out[k])


def across(  # noqa: PLR0917 - a kernel takes flat arrays
    low: int, high: int, window: Window, clock: Clock, short: Five, long: Five, rates: Floats, terms: Terms, sets: Floats, out: Floats
) -> None:
    """Run all parameter sets on symbols low to high of one clock, each a carry: funding on the short leg at its mark, the long one safe."""
    at, decides, stamps, looks, eras, costs, a_year = clock
    s0, s1, s2, s3, s4 = short
    l0, l1, l2, l3, l4 = long
    rows, nothing = np.empty(len(stamps) + 1, np.int64), np.empty(0, np.int64)
    known, none_known = np.empty(len(stamps) + 2, np.int64), np.empty(len(stamps) + 2, np.int64)
    n = cut(stamps, nothing, len(at) - 1, rows, known, none_known)
    ends, unpaid, never, undrawn = rows[:n], np.zeros(n), np.full(n, INF), np.empty((len(sets), 0))
    signals, owed, highest = np.empty((len(looks), n)), np.empty(n), np.empty(n)
    due, yearly = np.empty(len(stamps)), np.empty(len(stamps))
    for k in range(low, high):
        worst(ends, s2[k], 1.0, highest)
        for j in range(len(stamps)):
            due[j], yearly[j] = rates[k, j] * s1[k, stamps[j]], rates[k, j] * a_year
        pour(known, due, owed)
        signals[:] = 0.0
        for look in range(len(looks)):
            means(known, 0, yearly, looks[look], 1.0, signals[look])
        own = (s0[k], s1[k], s2[k], s3[k], s4[k], owed, highest)
        other = (l0[k], l1[k], l2[k], l3[k], l4[k], unpaid, never)
        track = (at, decides, ends, signals, eras, costs, own, other)
        leap(0, len(sets), window, track, terms, sets, nothing, undrawn, out[k])  # type: ignore[arg-type]  # a track without its name
