"""Is every settlement of a window there once, on its slot, with what comes next, and is a gap never silent?"""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest

from perpscope.bridges.events import FundingEvents, Gap, funding_events
from perpscope.errors import InputError
from perpscope.market.funding import PublishedFixing
from perpscope.market.table import FUNDING
from perpscope.market.time import Calendar, Schedule, to_ms, to_text

DAY = to_ms("2024-05-01T00:00:00Z")
HOUR = 3_600_000
SYMBOL = "BTC/USDT:USDT"
CHANGING = Calendar(
    ((0, Schedule(8)), (DAY + 16 * HOUR, Schedule(4)), (DAY + 20 * HOUR, Schedule(1)), (DAY + 22 * HOUR, Schedule(8))),
)
STAMPS = [(8, 8), (16, 8), (20, 4), (21, 1), (22, 1), (24, 8)]


def fixing(hour: float, hours: float = 8, *, rate: float = 0.0001, price: float | None = 60_000, late: int = 0) -> PublishedFixing:
    return PublishedFixing("okx", SYMBOL, DAY + round(hour * HOUR) + late, rate, hours, price)


def at(*hours: float) -> list[int]:
    return [DAY + round(hour * HOUR) for hour in hours]


def stamps(found: FundingEvents) -> list[int]:
    return [event.at for event in found.events]


def test_a_change_from_8_to_4_to_1_to_8_hours_is_exact() -> None:
    rows = [fixing(hour, hours) for hour, hours in STAMPS]
    found = funding_events(reversed(rows), DAY, DAY + 26 * HOUR, calendar=CHANGING)
    assert stamps(found) == at(8, 16, 20, 21, 22, 24)
    assert [event.interval_hours for event in found.events] == [8, 8, 4, 1, 1, 8]
    assert [event.next_at for event in found.events] == at(16, 20, 21, 22, 24, 32)


def test_the_window_is_open_at_its_start_and_closed_at_its_end() -> None:
    rows = [fixing(hour) for hour in (0, 8, 16, 24, 32)]
    assert stamps(funding_events(rows, DAY, DAY + 24 * HOUR)) == at(8, 16, 24)
    assert stamps(funding_events(rows, DAY - 1, DAY + 24 * HOUR - 1)) == at(0, 8, 16)


@pytest.mark.parametrize("late", [-9_000, 7, 59_999])
def test_a_late_stamp_stands_on_its_slot_and_keeps_its_raw_time(late: int) -> None:
    (event,) = funding_events([fixing(8, late=late)], DAY, DAY + 8 * HOUR).events
    assert (event.at, event.raw) == (DAY + 8 * HOUR, DAY + 8 * HOUR + late)


def test_the_slot_and_not_the_late_stamp_decides_what_is_inside() -> None:
    rows = [fixing(8, late=30), fixing(16, late=30)]
    assert stamps(funding_events(rows, DAY + 8 * HOUR, DAY + 16 * HOUR)) == at(16)


def test_a_stamp_further_off_is_another_time() -> None:
    with pytest.raises(InputError, match=r"a fixing at 2024-05-01T08:01:01Z, where the calendar has no slot"):
        funding_events([fixing(8, late=61_000)], DAY, DAY + 9 * HOUR, calendar=CHANGING)


@pytest.mark.parametrize("calendar", [None, CHANGING], ids=["interval", "calendar"])
@pytest.mark.parametrize("lost", range(len(STAMPS)))
def test_no_lost_settlement_goes_unseen(lost: int, calendar: Calendar | None) -> None:
    rows = [fixing(*stamp) for k, stamp in enumerate(STAMPS) if k != lost]
    with pytest.raises(InputError, match=f"settlements are missing.*{to_text(*at(STAMPS[lost][0]))}"):
        funding_events(rows, DAY, DAY + 24 * HOUR, calendar=calendar)


def test_gaps_are_listed_where_they_are_allowed_and_the_stamp_before_points_into_them() -> None:
    rows = [fixing(8), fixing(22, 1), fixing(24)]
    found = funding_events(rows, DAY, DAY + 32 * HOUR, calendar=CHANGING, allow_gaps=True)
    assert found.gaps == (
        Gap(DAY + 8 * HOUR, DAY + 21 * HOUR, tuple(at(16, 20, 21)), "calendar"),
        Gap(DAY + 24 * HOUR, DAY + 32 * HOUR, (DAY + 32 * HOUR,), "calendar"),
    )
    assert [event.next_at for event in found.events] == at(16, 24, 32)


def test_without_a_calendar_the_interval_of_the_event_after_tells_the_gap() -> None:
    found = funding_events([fixing(8), fixing(20, 4)], DAY, DAY + 20 * HOUR, allow_gaps=True)
    assert found.gaps == (Gap(DAY + 8 * HOUR, DAY + 16 * HOUR, tuple(at(12, 16)), "interval after"),)
    assert [event.next_at for event in found.events] == [DAY + 12 * HOUR, None]


def test_an_interval_that_grows_on_its_grid_is_no_gap() -> None:
    rows = [fixing(8), fixing(12, 4), fixing(16, 4), fixing(24)]
    assert funding_events(rows, DAY, DAY + 24 * HOUR).gaps == ()


def test_an_interval_that_grows_off_its_grid_needs_a_calendar() -> None:
    """At 22:00 the interval goes from 1 to 8 hours, and the next slot is 00:00; but 23:00 could as well be lost."""
    rows = [fixing(hour, hours) for hour, hours in STAMPS]
    with pytest.raises(InputError, match="1 settlements are missing: 2024-05-01T23:00:00Z"):
        funding_events(rows, DAY, DAY + 24 * HOUR)
    assert funding_events(rows, DAY, DAY + 24 * HOUR, calendar=CHANGING).gaps == ()


def test_the_same_fact_twice_is_one_event_and_the_one_with_a_price() -> None:
    twice = [fixing(8, price=None), fixing(8, late=5), fixing(8, late=9)]
    (event,) = funding_events(twice, DAY, DAY + 8 * HOUR).events
    assert (event.raw, event.price) == (DAY + 8 * HOUR + 5, 60_000)


@pytest.mark.parametrize("other", [fixing(8, rate=0.0002), fixing(8, price=60_001), fixing(8, 4)], ids=["rate", "price", "interval"])
def test_two_facts_for_one_slot_are_an_error(other: PublishedFixing) -> None:
    with pytest.raises(InputError, match=r"0\.0001 per 8 h at price 60000\.0 and .* for one slot"):
        funding_events([fixing(8), other], DAY, DAY + 8 * HOUR)


def test_an_interval_against_the_calendar_is_refused() -> None:
    with pytest.raises(InputError, match="4 h at 2024-05-01T08:00:00Z, and 8 h by the calendar"):
        funding_events([fixing(8, 4)], DAY, DAY + 8 * HOUR, calendar=CHANGING)


def test_nothing_due_needs_a_calendar_that_says_so() -> None:
    assert funding_events([fixing(8)], DAY, DAY + 7 * HOUR, calendar=CHANGING).events == ()
    with pytest.raises(InputError, match="no calendar that says none was due"):
        funding_events([fixing(8)], DAY, DAY + 7 * HOUR)


def test_the_window_must_not_end_before_it_starts() -> None:
    with pytest.raises(InputError, match="before"):
        funding_events([fixing(8)], DAY, DAY - 1)


def test_a_missing_price_is_null_with_its_reason_and_engines_refuse_it() -> None:
    found = funding_events([fixing(8, price=None)], DAY, DAY + 8 * HOUR)
    assert found.frame().row(0, named=True)["no_price"] == "the fixing came without one"
    with pytest.raises(InputError, match="no price at 2024-05-01T08:00:00Z"):
        found.stamped("an engine")


def test_funding_that_accrues_is_no_event_for_an_engine() -> None:
    accruing = PublishedFixing("deribit", SYMBOL, DAY + HOUR, 0.0001, 1, 60_000, "continuous")
    with pytest.raises(InputError, match="1 of 1 events accrue between stamps"):
        funding_events([accruing], DAY, DAY + HOUR).stamped("an engine")


def test_fractions_stay_exact() -> None:
    exact = PublishedFixing("okx", SYMBOL, DAY + 8 * HOUR, Fraction(1, 10_000), 8, Fraction(60_001))
    assert funding_events([exact], DAY, DAY + 8 * HOUR).fixings() == [exact]


def table(**changed: object) -> pl.DataFrame:
    row: dict[str, object] = {"venue": "okx", "native_id": "BTC-USDT-SWAP", "symbol": SYMBOL, "market": "linear", "market_list": ""}
    row |= {"ts": DAY + 8 * HOUR + 7, "slot": DAY + 8 * HOUR, "funding_rate": 0.0001, "interval_hours": 8.0, "kind": "settled"}
    row |= {"accrual": "stamp", "mark_price_quote": None, "index_price_quote": 60_100.0, "source": "a"}
    return FUNDING.conform(pl.DataFrame([row | changed]))


def test_rows_of_the_funding_table_are_read_with_the_price_asked_for() -> None:
    (event,) = funding_events(table(), DAY, DAY + 8 * HOUR, price="index").events
    assert (event.at, event.raw, event.price, event.no_price) == (DAY + 8 * HOUR, DAY + 8 * HOUR + 7, 60_100.0, "")
    (event,) = funding_events(table(), DAY, DAY + 8 * HOUR).events
    assert (event.price, event.no_price) == (None, "the source published no mark price with the fixing")


def test_predictions_in_the_table_are_no_settlements() -> None:
    both = pl.concat([table(), table(kind="predicted", funding_rate=0.9)])
    assert len(funding_events(both, DAY, DAY + 8 * HOUR).events) == 1


@pytest.mark.parametrize(
    ("changed", "said"), [({"source": "b"}, "2 sources"), ({"native_id": "BTC-SWAP-2"}, "2 contracts")], ids=["sources", "contracts"]
)
def test_rows_of_several_are_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        funding_events(pl.concat([table(), table(**changed)]), DAY, DAY + 8 * HOUR)


@pytest.mark.parametrize("given", [[], pl.DataFrame({"ts": []})], ids=["no fixings", "no table of funding"])
def test_nothing_to_read_is_said(given: list[PublishedFixing] | pl.DataFrame) -> None:
    with pytest.raises(InputError, match=r"0 contracts|a table without venue"):
        funding_events(given, DAY, DAY + 8 * HOUR)


def test_money_per_base_unit_is_no_rate() -> None:
    with pytest.raises(InputError, match="money per base unit"):
        funding_events([PublishedFixing("okx", SYMBOL, DAY + 8 * HOUR, 0.0, 8, None, "stamp", 1.5)], DAY, DAY + 8 * HOUR)


def test_the_frame_has_a_row_for_each_event() -> None:
    frame = funding_events([fixing(8, late=7), fixing(16)], DAY, DAY + 16 * HOUR).frame()
    assert frame.select(pl.col("at", "raw", "next_at").dt.epoch("ms")).rows() == [
        (DAY + 8 * HOUR, DAY + 8 * HOUR + 7, DAY + 16 * HOUR),
        (DAY + 16 * HOUR, DAY + 16 * HOUR, None),
    ]
    assert frame["price_quote"].to_list() == [60_000.0, 60_000.0]
