"""Is a lending rate kept as a simple rate a year of its asset and side, and refused where unit or side are guesswork?"""

from __future__ import annotations

from pathlib import Path

import pytest

from perpscope.sources import Refused
from tests.unit.sources.samples import only, read, reasons, text

ROWS = "2024-01-01T00:00:00Z,USDT,5\n2024-01-01T00:00:00Z,usdc,4.5\n"


def test_a_rate_is_a_row_of_its_asset(tmp_path: Path) -> None:
    part = only(read(text(tmp_path, f"time,asset,borrow_apr\n{ROWS}2024-01-02T00:00:00Z,DAI,oops\n"), venue="Aave", rate_unit="percent"))
    assert part.table.name == "lending_rates"
    kept = part.frame.select("venue", "native_id", "symbol", "market", "side", "lending_rate_1y").rows()
    assert kept == [("aave", "USDT", "USDT", "lending", "borrow", 0.05), ("aave", "usdc", "USDC", "lending", "borrow", 0.045)]
    assert reasons(part) == [(3, "lending_rate oops is not a number")]


def test_other_periods_become_a_year(tmp_path: Path) -> None:
    file = text(tmp_path, "date,supply_rate,venue\n2024-01-01,0.0001,compound\n")
    part = only(read(file, symbol="DAI", rate_unit="day", timezone="UTC"))
    assert part.frame.select("venue", "symbol", "side", "lending_rate_1y").row(0) == ("compound", "DAI", "supply", pytest.approx(0.0365))


def test_what_is_not_said_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"rate_side \(.*rate_unit \("):
        read(text(tmp_path, f"time,asset,lending_rate\n{ROWS}"), venue="aave")
    with pytest.raises(Refused, match=r"venue \(whose lending rates\).*symbol \(of which asset\)"):
        read(text(tmp_path, "time,borrow_apr\n2024-01-01T00:00:00Z,5\n", "bare.csv"), rate_unit="percent")
    part = only(read(text(tmp_path, f"time,asset,lending_rate\n{ROWS}", "said.csv"), venue="aave", rate_unit="percent", rate_side="supply"))
    assert part.frame["side"].to_list() == ["supply", "supply"]


def test_a_lender_nobody_knows_must_be_declared_new(tmp_path: Path) -> None:
    file = text(tmp_path, f"time,asset,borrow_apr\n{ROWS}")
    with pytest.raises(Exception, match="new_venue"):
        read(file, venue="somelender", rate_unit="percent")
    part = only(read(file, venue="somelender", new_venue=True, rate_unit="percent"))
    assert part.frame["venue"].unique().to_list() == ["somelender"]


def test_a_file_of_one_asset_needs_no_column_of_it(tmp_path: Path) -> None:
    file = text(tmp_path, "time,borrow_apr\n2024-01-01T00:00:00Z,0.05\n2024-01-02T00:00:00Z,0.06\n")
    frame = only(read(file, venue="aave", symbol="DAI", rate_unit="fraction")).frame
    assert frame.select("venue", "symbol", "lending_rate_1y").rows() == [("aave", "DAI", 0.05), ("aave", "DAI", 0.06)]


def test_a_name_of_several_venues_is_settled_or_asked_for(tmp_path: Path) -> None:
    file = text(tmp_path, f"time,asset,borrow_apr\n{ROWS}")
    assert only(read(file, venue="binance", rate_unit="percent")).frame["venue"].unique().to_list() == ["binance"]
    column = text(tmp_path, "time,venue,asset,borrow_apr\n2024-01-01T00:00:00Z,dydx,USDC,5\n", "column.csv")
    with pytest.raises(Refused, match="dydx may be dydx3 or dydx"):
        read(column, rate_unit="percent")


def test_a_side_against_the_columns_own_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="variableBorrowRate"):
        read(text(tmp_path, f"time,asset,variableBorrowRate\n{ROWS}"), venue="aave", rate_unit="percent", rate_side="supply")
