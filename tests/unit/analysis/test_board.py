"""Is every number of the board that of plain Python on the same fixings?"""

from __future__ import annotations

from itertools import pairwise
from statistics import quantiles
from typing import TYPE_CHECKING

import polars as pl
import pytest

from perpscope.analysis.board import board
from perpscope.analysis.terms import Terms
from tests.unit.analysis.frames import at, changing, contract, regular, row

if TYPE_CHECKING:
    from pathlib import Path

NOW = at(1000)


def test_one_row_per_contract_with_its_last_fixing() -> None:
    rates = changing()
    found = row(board(contract(rates), NOW))
    hour, rate, hours = rates[-1]
    assert (found["last_rate"], found["interval_hours"], found["n"]) == (rate, hours, len(rates))
    assert found["last_apr"] == pytest.approx(rate * 8760 / hours, rel=1e-12)
    assert (found["first"], found["last"]) == (at(rates[0][0]), at(hour))
    assert found["stale_hours"] == 1000 - hour
    assert found["interval_changes"] == 3
    assert found["negative_share"] == sum(r < 0 for _, r, _ in rates) / len(rates)


def test_percentiles_are_those_of_single_fixings() -> None:
    rates = changing()
    found = row(board(contract(rates), NOW))
    aprs = [rate * 8760 / hours for _, rate, hours in rates]
    cuts = quantiles(aprs, n=20, method="inclusive")
    told = [found[name] for name in ("p05", "p25", "p50", "p75", "p95")]
    assert told == pytest.approx([cuts[0], cuts[4], cuts[9], cuts[14], cuts[18]], rel=1e-9)


def test_one_fixing_makes_a_row_with_reasons() -> None:
    found = row(board(contract([(8, -0.0002, 8.0)]), NOW))
    assert (found["n"], found["negative_share"], found["interval_changes"], found["p05"], found["p95"]) == (1, 1.0, 0, -0.219, -0.219)
    assert [found[f"apr_{days}d"] for days in (1, 7, 30, 90)] == [None] * 4
    assert found["why_1d"] == "33 % of the 1 days is covered"
    assert (found["interest_from"], found["cap_from"], found["coin_spread_apr"]) == (None, None, None)


def test_no_fixings_make_an_empty_board_with_all_its_columns() -> None:
    empty = board(contract(regular(1, 8)).clear(), NOW)
    assert empty.is_empty()
    assert empty.columns == board(contract(regular(1, 8)), NOW).columns


def test_terms_reach_the_board() -> None:
    found = row(board(contract(regular(9, 8)), NOW, [Terms("alpha", 8, interest=0.0001, cap=0.003, floor=-0.003)]))
    assert (found["interest_share"], found["interest_from"], found["cap_hits"], found["cap_from"]) == (1.0, "rule", 0, "rule")


def test_generated_rows_are_known_by_source_or_by_venue() -> None:
    real, made, run = contract(regular(3, 8)), contract(regular(3, 8), venue="beta"), contract(regular(3, 8), venue="sim:storm")
    found = board(pl.concat([real, made, run]), NOW, synthetic=["source-beta"])
    assert dict(found.select("venue", "synthetic").rows()) == {"alpha": False, "beta": True, "sim:storm": True}


def test_coins_on_most_venues_come_first() -> None:
    frames = [
        contract(regular(50, 8), symbol="AAA/USDT:USDT"),
        contract(regular(3, 8), symbol="ZZZ/USDT:USDT"),
        contract(regular(3, 8), symbol="ZZZ/USDT:USDT", venue="beta"),
    ]
    assert board(pl.concat(frames), NOW)["coin"].to_list() == ["ZZZ", "ZZZ", "AAA"]


def test_rows_do_not_depend_on_the_order_of_the_table() -> None:
    frame = pl.concat([contract(changing()), contract(regular(99, 8), venue="beta")])
    assert board(frame, NOW).equals(board(frame.sample(fraction=1.0, shuffle=True, seed=7), NOW))


def test_contracts_with_one_symbol_are_kept_apart_by_their_native_id() -> None:
    twice = pl.concat([contract(regular(3, 8), native_id="BTCUSDT"), contract(regular(3, 8), native_id="BTCUSDT_OLD")])
    assert board(twice, NOW)["native_id"].to_list() == ["BTCUSDT", "BTCUSDT_OLD"]


@pytest.mark.needs_shared
def test_a_real_contract_with_changes_of_interval(shared: Path) -> None:
    raw = pl.read_parquet(shared / "data" / "funding_cross_section_2025_2026.parquet")
    raw = raw.filter((pl.col("venue") == "bybit") & (pl.col("symbol") == "INJUSDT") & pl.col("interval_hours").is_not_null()).sort("ts")
    rates = [
        ((ms - at(0)) / 3_600_000, r, h) for ms, r, h in raw.select(pl.col("ts").dt.epoch("ms"), "funding_rate", "interval_hours").rows()
    ]
    found = row(board(contract(rates), NOW))
    assert found["interval_changes"] == sum(a[2] != b[2] for a, b in pairwise(rates)) > 1
    for days in (7, 30, 90):
        inside = [fixing for fixing in rates if fixing[0] > rates[-1][0] - 24 * days]
        assert found[f"apr_{days}d"] == pytest.approx(sum(r for _, r, _ in inside) / sum(h for _, _, h in inside) * 8760, rel=1e-9)
