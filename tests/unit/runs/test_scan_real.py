"""Does a scan of real rates say what adding them up says?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from perpscope.market.table import FUNDING
from perpscope.market.time import day_ms
from perpscope.trading.scan.rank import Choice
from tests.unit.runs.scanned import DAY, lines, named

if TYPE_CHECKING:
    from perpscope.store import Store

AT = day_ms("2021-02-20")


@pytest.fixture(scope="module")
def rows(real: Store) -> list[dict[str, Any]]:
    """All trades of one coin on three venues: a linear, an inverse and a continuous one, paid every 8 and every hour."""
    return lines(real, Choice(), at=AT, symbols=("BTC",), terms={"naked": True})


@pytest.mark.parametrize(("venue", "hours"), [("binanceusdm", 8), ("bitmex", 8), ("deribit", 1)])
def test_every_contract_paid_the_sum_of_its_rates(real: Store, rows: list[dict[str, Any]], venue: str, hours: int) -> None:
    own = named(rows, f"short {venue}")
    paid = real.read(FUNDING, venue=venue, symbol=own["legs"][0]["symbol"], end_ms=AT + 1).filter(pl.col("kind") == "settled")
    end = paid["slot"].dt.epoch("ms")[-1]
    month = paid.filter(pl.col("slot").dt.epoch("ms") > end - 30 * DAY)
    assert month["interval_hours"].unique().to_list() == [hours]
    assert own["legs"][0]["n"] == month.height
    covered = own["certificate"]["hours"]
    assert own["gross_apr"] == pytest.approx(month["funding_rate"].sum() / covered * 8760, rel=1e-6)


def test_a_pair_is_the_difference_of_its_legs(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        if row["kind"] == "perp_perp":
            assert row["gross_apr"] == pytest.approx(sum(leg["received_apr"] for leg in row["legs"]), abs=1e-12)
            assert {leg["payoff"] for leg in row["legs"]} <= {"linear", "inverse"}
    assert {row["kind"] for row in rows} == {"perp_perp", "cash_and_carry", "naked_short"}
