"""Does the report have its declared shape, its clear errors and its speed?"""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl
import pytest

from perpscope.errors import InputError
from perpscope.market.table import DATED_FUTURES, FUNDING, PRICES
from perpscope.store.quality import COLUMNS, KINDS, VenueFacts, check
from perpscope.store.quality.facts import NOTHING, facts_of
from tests.unit.quality import lifelike, plant, real

SECONDS = 3.0
YARDS = 25
"""SECONDS in yardsticks of 0.12 s: a slow or shared core slows both, so neither alone tells that the check grew."""


@pytest.mark.parametrize("table", [FUNDING, PRICES])
def test_nothing_has_no_problems(table: object) -> None:
    problems = check(FUNDING.empty() if table is FUNDING else PRICES.empty())
    assert problems.is_empty()
    assert tuple(problems.columns) == COLUMNS
    assert problems.schema["from"] == pl.Datetime("ms", "UTC")


@pytest.mark.parametrize("n", range(1, 8))
def test_a_few_rows_have_no_problems(n: int) -> None:
    assert check(lifelike.rows(1, n)).is_empty()


def test_another_table_is_refused() -> None:
    with pytest.raises(InputError, match="Give rows of the table funding or prices"):
        check(DATED_FUTURES.empty())


def test_an_unknown_kind_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(InputError, match=r"unknown kinds typo.*The kinds are gap, duplicate"):
        check(FUNDING.empty(), kinds=["typo"])


def test_only_settled_rows_are_looked_at() -> None:
    frame = lifelike.rows(1, 100)
    predicted = frame[50:60].with_columns(kind=pl.lit("predicted"), funding_rate=pl.lit(0.5))
    assert check(pl.concat([frame, predicted])).is_empty()


def test_rows_that_are_not_numbers_are_left_to_the_declaration() -> None:
    frame = lifelike.rows(1, 100)
    broken = frame.with_columns(funding_rate=pl.when(pl.int_range(pl.len()) == 40).then(float("nan")).otherwise("funding_rate"))
    assert check(broken)["kind"].to_list() == ["gap"]


def test_every_row_says_who_where_and_what_to_do() -> None:
    frame = lifelike.rows(1, 400).with_columns(market_list=pl.lit("list"))
    frame = pl.concat([frame[:100], frame[110:], frame[200:201]])
    problems = check(frame)
    assert problems["kind"].to_list() == ["gap", "duplicate"]
    assert problems.select("table", "venue", "symbol", "market_list", "native_id", "source").unique().row(0) == (
        "funding",
        "somewhere",
        "BTC/USDT:USDT",
        "list",
        "BTCUSDT",
        "test",
    )
    assert all(kind in KINDS for kind in problems["kind"])
    assert all(text.endswith(".") and text.count(". ") >= 1 for text in problems["detail"])


def test_asking_for_one_kind_gives_only_it() -> None:
    frame = lifelike.rows(1, 400)
    frame = pl.concat([frame[:100], frame[110:], frame[200:201]])
    assert check(frame, kinds=["gap"])["kind"].to_list() == ["gap"]


def test_the_most_specific_facts_count() -> None:
    venue, mine, one = VenueFacts(cap=0.1), VenueFacts(cap=0.2), VenueFacts(cap=0.3)
    rules = {("v",): venue, ("v", "list"): mine, ("v", "list", "X"): one}
    assert facts_of(rules, "v", "list", "X") is one
    assert facts_of(rules, "v", "list", "Y") is mine
    assert facts_of(rules, "v", "", "X") is venue
    assert facts_of(rules, "w", "", "X") is NOTHING


@pytest.mark.parametrize("facts", [{"phase_hours": 24.0}, {"phase_hours": -1.0}, {"cap": 0.0}])
def test_facts_that_cannot_be_are_refused(facts: dict[str, float]) -> None:
    with pytest.raises(InputError, match="facts about a venue"):
        VenueFacts(**facts)  # type: ignore[arg-type]  # the wrong values are the point


def _yardstick() -> float:
    """Seconds a core takes for a million dictionary steps: how fast this core is now."""
    before = time.process_time()
    tally: dict[int, int] = {}
    for k in range(1_000_000):
        tally[k % 1000] = tally.get(k % 1000, 0) + k
    return time.process_time() - before


def test_three_hundred_thousand_fundings_take_three_seconds_of_one_core(shared: Path) -> None:
    rows = real.fundings(shared)
    assert len(rows) > 300_000
    check(rows[:1000])

    def seconds() -> float:
        before = time.process_time()
        check(rows, real.RULES)
        return time.process_time() - before

    yard = min(_yardstick() for _ in range(3))
    assert min(seconds() for _ in range(3)) < max(SECONDS, YARDS * yard)


def test_two_sources_are_two_series() -> None:
    frame = lifelike.rows(1, 200)
    gapped = plant.with_stamps(frame, plant.stamps(frame))[:50].vstack(frame[60:]).with_columns(source=pl.lit("another"))
    problems = check(pl.concat([frame, gapped]))
    assert problems.select("kind", "source").rows() == [("gap", "another")]
