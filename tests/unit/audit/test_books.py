"""Books rebuilt from recordings: order, holes, crossings, units, and the derived file to its last digit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.audit.booked import Measure, grid, index_at, mids, premiums
from perpscope.errors import InputError
from perpscope.market.recording import replay
from perpscope.mechanisms.batch import impact_premiums
from perpscope.mechanisms.observe import Observe
from tests.unit.audit.recordings import Row, books, moment, numbered_book

BAND = Observe("impact_band", 5)


def message(second: float, kind: str, bids: list[tuple[float, float]], asks: list[tuple[float, float]], **ids: int) -> Row:
    sides = {
        f"{s}_{what}": [level[k] for level in own]
        for s, own in (("bid", bids), ("ask", asks))
        for k, what in enumerate(("prices", "quantities"))
    }
    return {"ts": moment(second * 1000), "kind": kind, **sides, **ids}


def recording(*rows: Row, **who: str) -> pl.DataFrame:
    return books([{**row, "sequence": k} for k, row in enumerate(rows)], **who)


def best(frame: pl.DataFrame, *seconds: float) -> list[tuple[float, float]]:
    found = replay(frame, np.array([round(s * 1000) for s in seconds]), levels=2)
    return list(zip(found.bid_prices[:, 0].tolist(), found.ask_prices[:, 0].tolist(), strict=True))


SNAPSHOT = message(1, "snapshot", [(99, 1), (98, 2)], [(101, 1), (102, 2)], last_update=10)


def test_the_recorded_books_give_the_derived_premiums_to_their_last_digit(shared: Path) -> None:
    """68 moments, impact prices of 25,000 and the premium against the spot mid; moments are those of arrival, as in the derived file."""
    perp, spot = (numbered_book(shared / f"fixtures/books/binance_{kind}_btcusdt_20240808.jsonl.gz") for kind in ("usdm", "spot"))
    derived = pl.read_csv(shared / "fixtures/books/derived_btcusdt_impact_premium_5s.csv")
    at = derived["ts_s"].to_numpy().astype(np.int64) * 1000
    found = premiums(perp, mids(spot, at, "received"), at, Measure(BAND, 25_000.0, clock="received"))
    assert len(at) == 68
    assert found.faults == ()
    assert np.abs(found.premium - derived["premium_vs_spot_mid"].to_numpy()).max() <= 5e-11
    assert np.abs(found.impact_bid - derived["impact_bid_25k"].to_numpy()).max() <= 5e-7
    assert np.abs(found.impact_ask - derived["impact_ask_25k"].to_numpy()).max() <= 5e-7
    assert np.isin(at, grid(perp, 5, "received")).all()


def test_by_the_venues_clock_the_same_books_give_other_premiums(shared: Path) -> None:
    """The arrival clock runs 1.3 s behind the venue's: the moments differ, and so do the books. A guard against comparing loosely."""
    perp, spot = (numbered_book(shared / f"fixtures/books/binance_{kind}_btcusdt_20240808.jsonl.gz") for kind in ("usdm", "spot"))
    derived = pl.read_csv(shared / "fixtures/books/derived_btcusdt_impact_premium_5s.csv")
    at = derived["ts_s"].to_numpy().astype(np.int64) * 1000
    found = premiums(perp, mids(spot, at), at, Measure(BAND, 25_000.0))
    assert (np.abs(found.premium - derived["premium_vs_spot_mid"].to_numpy()) > 1e-6).sum() > 20


def test_a_second_recording_continues_the_first_where_its_ids_do(shared: Path) -> None:
    """The second day has no snapshot of its own."""
    days = [
        numbered_book(shared / f"fixtures/books/binance_cm_btcusd_perp_2024080{d}.jsonl.gz", source=f"day {d}", market="inverse")
        for d in (8, 9)
    ]
    both = pl.concat(days[::-1])
    found = replay(both, grid(both, 60))
    assert found.faults == ()
    assert np.isfinite(found.bid_prices[:, 0]).all()
    alone = replay(days[1], grid(days[1], 60))
    assert np.isnan(alone.bid_prices).all()


def test_a_book_is_what_the_messages_up_to_the_moment_made_of_it() -> None:
    frame = recording(
        SNAPSHOT,
        message(2, "change", [(99, 0)], [(100, 5)], first_update=11, last_update=12, previous_update=10),
        message(2.5, "top", [(1, 1)], [(2, 1)]),
        message(3, "change", [(99.5, 1)], [], first_update=13, last_update=13, previous_update=12),
    )
    assert best(frame, 0.5, 1, 2, 2.9, 3)[1:] == [(99, 101), (98, 100), (98, 100), (99.5, 100)]
    assert np.isnan(best(frame, 0.5)[0]).all()


def test_changes_that_came_before_the_snapshot_are_applied_if_they_are_newer() -> None:
    frame = recording(
        message(0.1, "change", [(97, 9)], [], first_update=1, last_update=5, previous_update=0),
        message(0.2, "change", [(99, 0)], [], first_update=8, last_update=11, previous_update=5),
        SNAPSHOT,
    )
    assert best(frame, 2) == [(98, 101)]


def test_after_a_hole_there_is_no_book_until_the_next_snapshot() -> None:
    frame = recording(
        SNAPSHOT,
        message(2, "change", [], [(100, 5)], first_update=14, last_update=15, previous_update=13),
        message(3, "change", [], [(100, 0)], first_update=16, last_update=16, previous_update=15),
        message(4, "snapshot", [(90, 1)], [(91, 1)], last_update=15),
        message(5, "change", [(90.5, 1)], [], first_update=17, last_update=17, previous_update=16),
    )
    found = replay(frame, np.array([1500, 2500, 4500, 5500]), levels=1)
    assert np.isnan(found.bid_prices[1, 0])
    assert found.bid_prices[[0, 2, 3], 0].tolist() == [99, 90, 90.5]
    assert [(fault.kind, fault.at) for fault in found.faults] == [("hole", 2000)]


def test_numbers_without_a_previous_one_must_follow_each_other() -> None:
    followed = message(2, "change", [], [(100, 5)], first_update=9, last_update=12)
    missing = message(2, "change", [], [(100, 5)], first_update=12, last_update=12)
    assert best(recording(SNAPSHOT, followed), 3) == [(99, 100)]
    assert np.isnan(best(recording(SNAPSHOT, missing), 3)[0]).all()


def test_a_crossed_book_is_refused_with_its_date() -> None:
    frame = recording(SNAPSHOT, message(2, "change", [(101.5, 1)], [], first_update=11, last_update=11))
    found = replay(frame, np.array([1500, 2500]), levels=1)
    assert np.isnan(found.bid_prices[1, 0])
    (fault,) = found.faults
    assert (fault.kind, fault.at) == ("crossed", 2500)
    assert "101.5" in fault.detail


def test_a_reversed_snapshot_is_a_crossed_book() -> None:
    frame = recording(message(1, "snapshot", [(101, 1)], [(99, 1)], last_update=1))
    assert [fault.kind for fault in replay(frame, np.array([2000])).faults] == ["crossed"]


def test_where_updates_arrive_out_of_order_each_level_keeps_its_newest_and_the_older_of_two_crossing_yields() -> None:
    late = recording(
        SNAPSHOT,
        message(2, "change", [(99, 7)], [], last_update=13),
        message(3, "change", [(99, 0)], [], last_update=12),
        message(4, "change", [(101.5, 1)], [], last_update=14),
    )
    found = replay(late, np.array([3500, 4500]), levels=1)
    assert found.faults == ()
    assert found.bid_quantities[0, 0] == 7
    assert (found.bid_prices[1, 0], found.ask_prices[1, 0]) == (101.5, 102)


def test_a_recording_imported_twice_counts_once() -> None:
    changed = message(2, "change", [(99, 0)], [], first_update=11, last_update=11)
    twice = pl.concat([recording(SNAPSHOT, changed, source=name) for name in ("a", "b")])
    assert best(twice, 1.5, 3) == [(99, 101), (98, 101)]


def test_impact_premiums_are_those_of_the_compiled_definition() -> None:
    rng = np.random.default_rng(2)
    rows = []
    for k in range(50):
        middle = 100 + rng.normal(0, 0.2)
        bids, asks = ([(middle + sign * (0.01 + 0.01 * j), float(rng.uniform(0.1, 3))) for j in range(10)] for sign in (-1, 1))
        rows.append(message(k, "snapshot", bids, asks, last_update=k))
    at = np.arange(50) * 1000
    index = pl.DataFrame({"ts": [moment(t) for t in at.tolist()], "index_price_quote": 100 + rng.normal(0, 0.2, 50)})
    frame = recording(*rows)
    found = premiums(frame, index, at, Measure(BAND, 400.0))
    held = replay(frame, at, levels=20)
    same = impact_premiums(
        (held.bid_prices, held.bid_quantities), (held.ask_prices, held.ask_quantities), index["index_price_quote"].to_numpy(), 400.0
    )
    assert np.isfinite(found.premium).sum() > 40
    np.testing.assert_array_equal(found.premium, same)


def test_contracts_of_an_inverse_book_are_worth_quote_units() -> None:
    """30 contracts of 100 each at 99 and 60 at 98: 6,000 fill 3,000 at 99 and 3,000 at 98, harmonic in the coin."""
    frame = recording(message(1, "snapshot", [(99, 30), (98, 60)], [(101, 1000)], last_update=1), market="inverse")
    index = pl.DataFrame({"ts": [moment(1000)], "index_price_quote": [90.0]})
    found = premiums(frame, index, np.array([1000]), Measure(Observe("impact_mid"), 6000.0, "inverse", 100.0))
    assert found.impact_bid[0] == pytest.approx(6000 / (3000 / 99 + 3000 / 98), rel=1e-14)
    assert found.impact_ask[0] == pytest.approx(101.0)
    linear = premiums(frame, index, np.array([1000]), Measure(Observe("impact_mid"), 6000.0, "linear", 1.0))
    assert linear.impact_bid[0] == pytest.approx(6000 / (30 + 3030 / 98), rel=1e-14)


def test_a_thin_side_or_an_old_index_gives_no_premium() -> None:
    frame = recording(SNAPSHOT)
    index = pl.DataFrame({"ts": [moment(0)], "index_price_quote": [100.0]})
    at = np.array([2000, 100_000])
    assert np.isnan(premiums(frame, index, at, Measure(BAND, 1e6)).premium).all()
    assert np.isnan(premiums(frame, index, at, Measure(BAND, 50.0)).premium).tolist() == [False, True]
    assert np.isnan(index_at(index, np.array([-1]), 60)).all()


def test_books_alone_do_not_give_a_premium_against_the_mark() -> None:
    index = pl.DataFrame({"ts": [moment(0)], "index_price_quote": [100.0]})
    with pytest.raises(InputError, match="mark"):
        premiums(recording(SNAPSHOT), index, np.array([2000]), Measure(Observe("impact_band_mark"), 50.0))
