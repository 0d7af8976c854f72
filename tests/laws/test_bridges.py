"""Does it hold for any calendar, jitter, order and bar: every settlement once, no loss unseen, one total?"""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.bridges.bars import Edge, with_payments, with_settlements
from perpscope.bridges.events import funding_events
from perpscope.errors import InputError
from perpscope.market.funding import Position, PublishedFixing
from perpscope.market.time import Calendar, Schedule, to_ms
from perpscope.trading.settle import settle

DAY = to_ms("2024-05-01T00:00:00Z")
HOUR = 3_600_000
SYMBOL = "BTC/USDT:USDT"
END = DAY + 72 * HOUR


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Up to four eras that change at a slot of the one before, as venues do."""
    changes = [0, *(DAY + change * 8 * HOUR for change in sorted(draw(st.sets(st.integers(1, 8), max_size=3))))]
    return Calendar(tuple((since, Schedule(draw(st.sampled_from([1, 2, 4, 8])))) for since in changes))


@st.composite
def published(draw: st.DrawFn) -> tuple[Calendar, list[PublishedFixing]]:
    calendar = draw(calendars())
    due = calendar.stamps(DAY - 8 * HOUR, END + 8 * HOUR + 1)
    late = draw(st.lists(st.integers(-59_000, 59_000), min_size=len(due), max_size=len(due)))
    rates = draw(st.lists(st.integers(-99, 99), min_size=len(due), max_size=len(due)))
    rows = [
        PublishedFixing("v", SYMBOL, at + off, rate / 2**20, hours, 65_536.0)
        for (at, hours), off, rate in zip(due, late, rates, strict=True)
    ]
    return calendar, draw(st.permutations(rows))


@given(published())
def test_every_settlement_of_the_calendar_is_there_once(case: tuple[Calendar, list[PublishedFixing]]) -> None:
    calendar, rows = case
    due = calendar.stamps(DAY + 1, END + 1)
    found = funding_events([*rows, *rows], DAY, END, calendar=calendar)
    assert [(event.at, event.interval_hours) for event in found.events] == due
    assert [event.next_at for event in found.events] == [*(at for at, _ in due[1:]), calendar.stamps(END + 1, END + 9 * HOUR)[0][0]]
    assert funding_events(rows, DAY, END).events[:-1] == found.events[:-1]


@given(published(), st.data())
def test_no_loss_goes_unseen_by_the_calendar(case: tuple[Calendar, list[PublishedFixing]], data: st.DataObject) -> None:
    calendar, rows = case
    due = [at for at, _ in calendar.stamps(DAY + 1, END + 1)]
    lost = data.draw(st.sets(st.sampled_from(due), min_size=1))
    kept = [row for row in rows if min(abs(row.at - at) for at in due) > HOUR // 2 or min(due, key=lambda at: abs(at - row.at)) not in lost]
    found = funding_events(kept, DAY, END, calendar=calendar, allow_gaps=True)
    assert [at for gap in found.gaps for at in gap.due] == sorted(lost)
    with pytest.raises(InputError, match=f"{len(lost)} settlements are missing"):
        funding_events(kept, DAY, END, calendar=calendar)


@given(published(), st.sampled_from([0.5, 1, 3, 5, 6, 8, 12, 24, 36]), st.sampled_from(["close", "open"]), st.integers(-3, 3))
def test_the_total_does_not_depend_on_the_bars(
    case: tuple[Calendar, list[PublishedFixing]], hours: float, edge: Edge, quantity: int
) -> None:
    """Exact: rates are multiples of 2^-20, the price is 2^16, so that every double in it is exact."""
    calendar, rows = case
    events = funding_events(rows, DAY, END, calendar=calendar)
    opens = list(range(DAY, END + round(hours * HOUR), round(hours * HOUR)))
    bars = pl.DataFrame({"ts": opens}).with_columns(pl.col("ts").cast(pl.Datetime("ms", "UTC")))
    paid = settle([Position("me", "v", SYMBOL, DAY, quantity)], events.fixings())
    placed = with_payments(bars, paid.payments, edge=edge, bar_hours=hours)
    crossed = with_settlements(bars, events, edge=edge, bar_hours=hours)
    assert crossed["settlements"].sum() == len(events.events)
    assert placed["funding_amount"].sum() == sum(one.amount for one in paid.payments)
    assert placed["funding_amount"].to_list() == (crossed["funding_per_contract"] * -quantity).to_list()
