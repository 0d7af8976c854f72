"""Can a later reader ask what was known then about that time?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from perpscope.errors import InputError
from perpscope.market.table import FUNDING
from perpscope.market.time import FOREVER
from perpscope.store import Fact, Store

if TYPE_CHECKING:
    from tests.unit.store.conftest import Clock, Named, Rows

HOUR = 3_600_000
START = 1_600_000_000_000 // (24 * HOUR) * (24 * HOUR)


def cap(value: float, since: int = 0, until: int = FOREVER) -> Fact:
    return Fact("v", "", "BTC", "cap", value, since, until)


def test_two_clocks(store: Store) -> None:
    store.registry.record([cap(0.01)], "docs", 100)
    store.registry.record([cap(0.01, 0, 50), cap(0.02, 50)], "docs", 200)

    def believed(valid: int, known: int | None) -> list[float]:
        return store.registry.as_of(valid, known)["value"].to_list()

    assert believed(60, 150) == [0.01]
    assert believed(60, 200) == believed(60, None) == [0.02]
    assert believed(49, 250) == [0.01]
    assert believed(60, 99) == []


def test_telling_it_again_changes_nothing(store: Store) -> None:
    assert store.registry.record([cap(0.01)], "docs", 100) == 1
    assert store.registry.record([cap(0.01)], "docs", 200) == 0
    assert store.registry.as_of()["recorded_at"].to_list() == [100]


def test_sources_and_facts_do_not_overrule_each_other(store: Store) -> None:
    store.registry.record([cap(0.01)], "docs", 100)
    store.registry.record([cap(0.03), Fact("v", "", "BTC", "multiplier", 1000, 0)], "archive", 200)
    assert sorted(store.registry.as_of(fact="cap")["value"]) == [0.01, 0.03]
    assert store.registry.as_of(source="archive", fact="multiplier")["value"].to_list() == [1000]
    with pytest.raises(InputError, match="no column colour"):
        store.registry.as_of(colour="red")


def test_funding_teaches_intervals_and_remembers_what_it_believed(store: Store, funding: Rows, source: Named, clock: Clock) -> None:
    store.write(FUNDING, funding(range(0, 80, 8), source()), source())
    clock.now = 2_000
    store.write(FUNDING, funding(range(76, 120, 4), source(), interval_hours=4.0), source())

    def eras(known: int | None, basis: str) -> list[tuple[float, int]]:
        rows = store.registry.as_of(known_ms=known, fact="interval_hours", basis=basis).select("value", "valid_from").rows()
        return [(value, (since - START) // HOUR) for value, since in rows]

    assert eras(1_500, "inferred") == eras(1_500, "stated") == [(8, -8)]
    assert eras(None, "inferred") == eras(None, "stated") == [(8, -8), (4, 72)]
    assert store.registry.as_of(START + 100 * HOUR, fact="interval_hours")["value"].to_list() == [4, 4]
    assert store.registry.as_of(fact="phase_hours")["value"].to_list() == [0, 0]


def test_inferred_and_stated_intervals_stand_beside_each_other(store: Store, funding: Rows, source: Named) -> None:
    store.write(FUNDING, funding(range(0, 40, 4), source(), interval_hours=8.0), source())
    facts = store.registry.as_of(fact="interval_hours").select("basis", "value").rows()
    assert sorted(facts) == [("inferred", 4.0), ("stated", 8.0)]


def test_a_reused_ticker_is_two_contracts(store: Store, funding: Rows, source: Named) -> None:
    later = 200 * 24
    store.write(FUNDING, funding([*range(0, 80, 8), *range(later, later + 80, 8)], source()), source())
    first, second = store.registry.lives("v", "", "BTC")
    assert (first.ended, second.listed) == (START + 72 * HOUR, START + later * HOUR)
    assert store.registry.identity("v", "", "BTC", START + 8 * HOUR).listed == 0
    assert store.registry.identity("v", "", "BTC", START + (later + 8) * HOUR).listed == START + later * HOUR
    with pytest.raises(InputError, match="had ended at 2020-09-16T00:00:00Z"):
        store.registry.identity("v", "", "BTC", START + 100 * HOUR)
    eras = store.registry.as_of(fact="interval_hours", basis="inferred").select("valid_from", "valid_to").rows()
    assert eras[0][1] == START + 72 * HOUR, "an interval reaches across two contracts"


def test_rows_after_a_stated_end_are_named(store: Store, funding: Rows, source: Named) -> None:
    frame = funding(range(0, 80, 8), source())
    store.write(FUNDING, frame, source())
    assert store.registry.outside(frame).is_empty()
    store.registry.record([Fact("v", "", "BTC", "end", START + 40 * HOUR, START + 40 * HOUR)], "venue", 5)
    outside = store.registry.outside(pl.concat([funding([0], native_id="ETH"), frame]))
    assert outside["row"].to_list() == [7, 8, 9, 10]
    assert outside["reason"].unique().to_list() == ["the contract had ended at 2020-09-14T16:00:00Z"]
    store.registry.record([Fact("v", "", "BTC", "listing", START + 56 * HOUR, START + 56 * HOUR)], "venue", 6)
    assert store.registry.outside(frame)["row"].to_list() == [6], "between the end and the next listing there is no contract"


def test_stamps_before_the_first_listing_belong_to_an_earlier_contract_only_if_there_are_any(store: Store) -> None:
    store.registry.record([Fact("v", "", "BTC", "listing", START, START)], "venue", 5)
    with pytest.raises(InputError, match="not listed before 2020-09-13T00:00:00Z"):
        store.registry.identity("v", "", "BTC", START - 1)
    store.registry.record([Fact("v", "", "BTC", "seen", 2, START - 9 * HOUR, START - HOUR, "inferred")], "archive", 6)
    assert store.registry.identity("v", "", "BTC", START - 2 * HOUR).listed == 0
    assert store.registry.identity("v", "", "BTC", START).listed == START
