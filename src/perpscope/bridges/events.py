"""Which settlements lie in a window, each once, and is none missing?

An engine that misses a settlement reports a wrong total without an error. So events are made whole here, before any
engine sees them: stamps on their nominal slots, every change of interval kept, gaps listed and refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from perpscope.bridges.rows import FundingRow, rows_of
from perpscope.errors import InputError
from perpscope.market.funding import Accrual, PublishedFixing
from perpscope.market.number import Number, to_float
from perpscope.market.time import Calendar, slot_step, to_text

if TYPE_CHECKING:
    import polars as pl

_NAMED = 5


@dataclass(frozen=True, slots=True)
class FundingEvent:
    """One settlement at one instant.

    Parameters
    ----------
    at : ms UTC, the nominal slot. raw : ms UTC, the stamp as published.
    rate : fraction of notional per `interval_hours`; > 0: longs pay.
    next_at : ms UTC, the next settlement; None where neither a later event nor a calendar tells it.
    price : notional price in quote units, None where missing; no_price says why.
    accrual : "stamp" (who holds at `at` pays) or "continuous" (accrued over the interval before `at`).
    """

    at: int
    raw: int
    rate: Number
    interval_hours: Number
    next_at: int | None
    price: Number | None
    no_price: str = ""
    accrual: Accrual = "stamp"


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without the settlements that were due in it.

    Parameters
    ----------
    after, until : ms UTC; nothing is known in after < t <= until. due : ms UTC, slots that should be there.
    by : what says that they were due: "calendar", "interval after" or "interval before" (of the event on that side of the gap).
    """

    after: int
    until: int
    due: tuple[int, ...]
    by: str


@dataclass(frozen=True, slots=True)
class FundingEvents:
    """All settlements of one contract in start < t <= end, by rising time.

    Parameters
    ----------
    venue, symbol : whose. start, end : ms UTC, the window asked for.
    events : each settlement once. gaps : what is missing; empty unless gaps were allowed.
    """

    venue: str
    symbol: str
    start: int
    end: int
    events: tuple[FundingEvent, ...]
    gaps: tuple[Gap, ...] = ()

    def fixings(self) -> list[PublishedFixing]:
        """Return the events as `perpscope.trading.settle.settle` takes them, at their nominal slots."""
        return [PublishedFixing(self.venue, self.symbol, e.at, e.rate, e.interval_hours, e.price, e.accrual) for e in self.events]

    def stamped(self, engine: str) -> tuple[FundingEvent, ...]:
        """Return the events if all are paid at a stamp and priced, as engines need them.

        Raises
        ------
        InputError
            Where funding accrues between stamps, or a price is missing.
        """
        accruing = [e for e in self.events if e.accrual != "stamp"]
        if accruing:
            there = f"{len(accruing)} of {len(self.events)} events accrue between stamps"
            raise InputError(f"events for {engine}", there, "It knows payments at an instant only; settle them and pass the amounts.")
        unpriced = [e for e in self.events if e.price is None]
        if unpriced:
            there = f"no price at {_listed([e.at for e in unpriced])} ({unpriced[0].no_price})"
            raise InputError(f"events for {engine}", there, "Give prices: an engine would take its last trade, or pay nothing.")
        return self.events

    def frame(self) -> pl.DataFrame:
        """Return one row per event: at, raw, next_at (UTC, ms), funding_rate, interval_hours, price_quote, no_price, accrual."""
        import polars as pl

        time = pl.Datetime("ms", "UTC")
        columns = {
            "at": pl.Series([e.at for e in self.events], dtype=pl.Int64()).cast(time),
            "raw": pl.Series([e.raw for e in self.events], dtype=pl.Int64()).cast(time),
            "next_at": pl.Series([e.next_at for e in self.events], dtype=pl.Int64()).cast(time),
            "funding_rate": pl.Series([to_float(e.rate) for e in self.events], dtype=pl.Float64()),
            "interval_hours": pl.Series([to_float(e.interval_hours) for e in self.events], dtype=pl.Float64()),
            "price_quote": pl.Series([None if e.price is None else to_float(e.price) for e in self.events], dtype=pl.Float64()),
            "no_price": pl.Series([e.no_price for e in self.events], dtype=pl.String()),
            "accrual": pl.Series([e.accrual for e in self.events], dtype=pl.String()),
        }
        return pl.DataFrame(columns)


def funding_events(
    fixings: pl.DataFrame | Iterable[PublishedFixing],
    start: int,
    end: int,
    *,
    calendar: Calendar | None = None,
    price: str = "mark",
    allow_gaps: bool = False,
) -> FundingEvents:
    """Return every settlement of one contract in start < t <= end.

    Parameters
    ----------
    fixings : rows of the funding table (of their kinds only "settled" is taken), or fixings; of one contract, in any order.
    start, end : ms UTC. calendar : when the contract settles. Without one, each event's interval says when the one before was due; an
        interval that grows in the middle of its grid (1 h until 22:00, then 8 h to 00:00) is then refused as a possible gap.
    price : with a table, which of its prices is the notional price: "mark" or "index".
    allow_gaps : list gaps in the result instead of refusing them.

    Raises
    ------
    InputError
        For a gap (unless allowed), two different fixings of one slot, a fixing that contradicts the calendar, several contracts
        or sources.

    Examples
    --------
    >>> hour = 3_600_000
    >>> rows = [PublishedFixing("sim:venue", "BTC/USDT:USDT", 8 * hour + 7, 0.0001, 8, 60_000)]
    >>> rows += [PublishedFixing("sim:venue", "BTC/USDT:USDT", 12 * hour, 0.0002, 4, 60_100)]
    >>> whole = funding_events(rows, 0, 12 * hour)
    >>> [(e.at // hour, e.raw - e.at, e.interval_hours, e.next_at and e.next_at // hour) for e in whole.events]
    [(8, 7, 8, 12), (12, 0, 4, None)]
    """
    if end < start:
        raise InputError("a window of funding events", f"it ends at {to_text(end)}, before {to_text(start)}", "Give start <= end.")
    who, rows = rows_of(fixings, price)
    inside = _once(who, [row for row in rows if start < row.slot <= end])
    what = f"the funding of {' '.join(who)} in {to_text(start)} < t <= {to_text(end)}"
    if calendar is not None:
        _refuse_contradiction(what, inside, calendar)
        gaps = _gaps_by_calendar(inside, start, end, calendar)
    elif inside:
        gaps = _gaps_by_interval(inside, start, end)
    else:
        raise InputError(what, "no fixing, and no calendar that says none was due", "Give fixings, or the contract's calendar.")
    if gaps and not allow_gaps:
        due = [at for gap in gaps for at in gap.due]
        raise InputError(what, f"{len(due)} settlements are missing: {_listed(due)}", "Fill the gap, or allow gaps and read them.")
    return FundingEvents(*who, start, end, tuple(_events(inside, gaps, calendar)), tuple(gaps))


def _once(who: tuple[str, str], rows: Sequence[FundingRow]) -> list[FundingRow]:
    """Return rows by rising slot, the same fact once."""
    kept: dict[int, FundingRow] = {}
    for row in sorted(rows, key=lambda row: (row.slot, row.price is None, abs(row.raw - row.slot))):
        first = kept.setdefault(row.slot, row)
        if not _agree(first, row):
            there = f"{_told(first)} and {_told(row)} for one slot"
            raise InputError(f"the fixing of {' '.join(who)} at {to_text(row.slot)}", there, "Give one of them.")
    return list(kept.values())


def _agree(one: FundingRow, other: FundingRow) -> bool:
    """Whether two rows tell the same; a missing price contradicts none."""
    priced = one.price is None or other.price is None or one.price == other.price
    return priced and (one.rate, one.interval_hours, one.accrual) == (other.rate, other.interval_hours, other.accrual)


def _told(row: FundingRow) -> str:
    price = "no price" if row.price is None else f"price {float(row.price)}"
    return f"{float(row.rate)} per {float(row.interval_hours):g} h at {price}"


def _refuse_contradiction(what: str, rows: Sequence[FundingRow], calendar: Calendar) -> None:
    if not rows:
        return
    due = dict(calendar.stamps(rows[0].slot, rows[-1].slot + 1))
    for row in rows:
        if row.slot not in due:
            raise InputError(what, f"a fixing at {to_text(row.raw)}, where the calendar has no slot", "Correct the calendar or the stamp.")
        if due[row.slot] != row.interval_hours:
            there = f"{float(row.interval_hours):g} h at {to_text(row.slot)}, and {due[row.slot]:g} h by the calendar"
            raise InputError(what, there, "Correct the calendar or the interval.")


def _gaps_by_calendar(rows: Sequence[FundingRow], start: int, end: int, calendar: Calendar) -> list[Gap]:
    """Slots of the calendar without a row, grouped by the rows around them."""
    have = [row.slot for row in rows]
    due = [at for at, _ in calendar.stamps(start + 1, end + 1)]
    edges = list(pairwise([start, *have, end + 1]))
    found = [(a, b, tuple(at for at in due if a < at < b)) for a, b in edges]
    return [Gap(a, missing[-1], missing, "calendar") for a, _, missing in found if missing]


def _gaps_by_interval(rows: Sequence[FundingRow], start: int, end: int) -> list[Gap]:
    """Slots that the rows around them say were due.

    A row covers its interval up to its slot, so what lies between that and the row before is missing. A row whose interval reaches
    back beyond the row before opened with a change of interval, at a time that nobody stated: the old interval counts until then.
    """
    gaps: list[Gap] = []
    before, old_step = start, 0
    for row in rows:
        step = slot_step(float(row.interval_hours))
        opened = row.slot - step
        missing, by = tuple(range(opened, before, -step))[::-1], "interval after"
        if opened < before and old_step:
            missing, by = tuple(range(before + old_step, row.slot, old_step)), "interval before"
        if missing:
            gaps.append(Gap(before, missing[-1], missing, by))
        before, old_step = row.slot, step
    missing = tuple(range(before + old_step, end + 1, old_step))
    return [*gaps, Gap(before, missing[-1], missing, "interval before")] if missing else gaps


def _events(rows: Sequence[FundingRow], gaps: Sequence[Gap], calendar: Calendar | None) -> list[FundingEvent]:
    """Give each row the stamp after it: the next row's, a missing one's, or the calendar's."""
    missing = {gap.after: gap.due[0] for gap in gaps}
    following = {row.slot: later.slot for row, later in pairwise(rows)}
    out: list[FundingEvent] = []
    for row in rows:
        known = missing.get(row.slot, following.get(row.slot))
        if known is None and calendar is not None:
            known = _next(calendar, row.slot)
        why = "" if row.price is not None else row.no_price
        out.append(FundingEvent(row.slot, row.raw, row.rate, row.interval_hours, known, row.price, why, row.accrual))
    return out


def _next(calendar: Calendar, slot: int) -> int | None:
    """Return the first stamp after `slot`; None where funding accrues from there on."""
    longest = max(schedule.step for _, schedule in calendar.eras)
    last_change = max(slot, calendar.eras[-1][0])
    found = calendar.stamps(slot + 1, last_change + 2 * longest + 1)
    return found[0][0] if found else None


def _listed(stamps: Sequence[int]) -> str:
    shown = ", ".join(to_text(at) for at in stamps[:_NAMED])
    return shown if len(stamps) <= _NAMED else f"{shown} and {len(stamps) - _NAMED} more"
