"""Does `basis` find the curve and its spot, say what it read, and refuse what it cannot read in its own words?"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from perpscope.cli.app import run
from tests.unit.analysis.carry.curves import made_curve
from tests.unit.claims.markets import LINEAR, funding, spot, store_of, utc

Ask = Callable[[str], tuple[int, str, str]]
FIRST = date(2021, 1, 4)


def _dated(front: pl.DataFrame, second: pl.DataFrame, venue: str = "cme", names: tuple[str, str] = ("BTC1!", "BTC2!")) -> pl.DataFrame:
    facts = {"venue": venue, "symbol": "BTC/USD:USD", "market": "dated", "market_list": ""}
    parts = [side.with_columns(pl.lit(name).alias("native_id")) for side, name in zip((front, second), names, strict=True)]
    stamped = pl.concat(parts).with_columns(pl.from_epoch(name, time_unit="ms").dt.replace_time_zone("UTC") for name in ("day", "close_at"))
    return stamped.rename({"day": "ts", "close_at": "close_ts"}).with_columns(pl.lit(value).alias(key) for key, value in facts.items())


def _spot(prices: pl.DataFrame) -> pl.DataFrame:
    """Hourly bars whose closes are those of the curve."""
    bars = spot(prices["close_quote"].to_list(), utc(2021))
    closed = pl.from_epoch(prices["close_at"], time_unit="ms").dt.replace_time_zone("UTC")
    return bars.with_columns(closed.alias("close_ts"), (closed - pl.duration(hours=1)).alias("ts"))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    front, second, prices = made_curve({2021: 1}, FIRST, 240)
    daily = spot([30_000.0] * 260, utc(2021), 24.0, ("yahoo", "BTC/USD", "spot"))
    other = spot([2_000.0] * 260, utc(2021), 24.0, ("binance", "ETH/USDT", "spot"))
    rates = funding(LINEAR, [0.0001] * 900, utc(2020, 12))
    folder = tmp_path_factory.mktemp("basis")
    return store_of(folder, dated=[_dated(front, second)], prices=[_spot(prices), daily, other], funding=[rates]).folder


@pytest.fixture
def ask(market: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(line: str) -> tuple[int, str, str]:
        code = run(["--store", str(market), *line.split()])
        out, err = capsys.readouterr()
        return code, out, err

    return asked


def told(ask: Ask, line: str) -> dict[str, Any]:
    code, out, _ = ask(f"{line} --format json")
    assert code == 0
    answer: dict[str, Any] = json.loads(out)
    return answer


def test_everything_is_found_and_said(ask: Ask) -> None:
    found = told(ask, "basis implied")
    assert (found["venue"], found["near"], found["far"], found["spot"]) == ("cme", "BTC1!", "BTC2!", "binance BTC/USDT")
    assert found["readings"]["second_over_spot_days"] == pytest.approx(0.10, abs=0.004)
    assert len(found["readings"]) == 12
    assert (found["turns"], found["turns_are"]) == ({"2021": 1}, "fitted")
    assert found["n"] == found["n_with_spot"] > 150
    assert len(found["certificate"]) == 64


def test_a_window_a_turn_and_a_spot_market_can_be_named(ask: Ask) -> None:
    whole = told(ask, "basis implied")
    part = told(ask, "basis implied --from 2021-02-01 --to 2021-03-01 --turn 0")
    assert part["window"] == ["2021-02-01", "2021-02-26"]
    assert part["turns_are"] == "given"
    assert part["certificate"] != whole["certificate"]
    daily = told(ask, "basis implied --spot yahoo:btc/usd")
    assert (daily["spot"], daily["spot_apart_hours"], daily["turns"]) == ("yahoo BTC/USD", 12.0, {"2021": 1})
    assert daily["readings"]["second_over_front_x12"] == whole["readings"]["second_over_front_x12"]


def test_the_table_is_for_eyes_and_the_talk_elsewhere(ask: Ask) -> None:
    code, out, err = ask("basis implied")
    assert code == 0
    assert "second_over_front_x12" in out
    assert "turn" in err
    assert "turn" not in out


def test_the_term_structure_has_its_rows(ask: Ask) -> None:
    _, out, _ = ask("basis term --format json")
    rows = json.loads(out)
    assert {row["pair"] for row in rows} == {"front_over_spot", "second_over_spot"}
    assert all(len(row["certificate"]) == 64 for row in rows)


def test_locked_beside_paid(ask: Ask) -> None:
    _, out, err = ask("basis lockin binanceusdm BTC/USDT:USDT --format json")
    rows = json.loads(out)
    assert "is binanceusdm BTC/USDT:USDT" in err
    assert len(rows) >= 5
    assert all(row["received_apr"] == pytest.approx(0.1095, abs=0.01) for row in rows)
    assert all(row["locked_apr"] == pytest.approx(0.10, abs=0.02) for row in rows)
    assert len({row["certificate"] for row in rows}) == 1


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("basis implied --near BTC9!", 1, "the store holds BTC1!, BTC2!"),
        ("basis implied --near BTC1! --far BTC1!", 2, "twice"),
        ("basis implied --venue nowhere", 1, "the store holds those of cme"),
        ("basis implied --spot nonsense", 2, "VENUE:SYMBOL"),
        ("basis implied --spot binance:DOGE/USDT", 1, "no prices"),
        ("basis implied --spot binance:ETH/USDT", 2, "it is of ETH, the contract of BTC"),
        ("basis implied --from 2030-01-01", 1, "Widen --from and --to"),
        ("basis implied --turn 11", 2, "not from 0 to 10"),
        ("basis implied --from yesterday", 2, "ISO 8601"),
        ("basis lockin binanceusdm DOGEUSDT", 1, "Import"),
    ],
)
def test_what_cannot_be_read_is_refused_in_its_own_words(ask: Ask, line: str, code: int, words: str) -> None:
    done, out, err = ask(line)
    assert (done, out) == (code, "")
    assert words in err


def test_an_empty_store_says_what_to_import(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = store_of(tmp_path)
    assert run(["--store", str(store.folder), "basis", "implied"]) == 1
    assert "Import daily settlements" in capsys.readouterr().err


def test_without_spot_one_pair_is_read_and_two_venues_must_be_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    front, second, _ = made_curve({2021: 1}, FIRST, 60)
    one, other = _dated(front, second), _dated(front, second, "cboe", ("XBT1", "XBT2"))
    alone = store_of(tmp_path / "a", dated=[one])
    assert run(["--store", str(alone.folder), "basis", "implied", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert set(json.loads(out)["readings"]) == {f"second_over_front_{form}" for form in ("x12", "x12_log", "days", "days_log")}
    assert "no spot price" in err
    both = store_of(tmp_path / "b", dated=[one, other])
    assert run(["--store", str(both.folder), "basis", "implied"]) == 2
    assert "Name one with --venue" in capsys.readouterr().err
    assert run(["--store", str(both.folder), "basis", "implied", "--venue", "CBOE"]) == 0


def test_three_series_must_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    front, second, _ = made_curve({2021: 1}, FIRST, 60)
    third = _dated(second, second, names=("BTC3!", "BTC4!"))
    store = store_of(tmp_path, dated=[_dated(front, second), third])
    assert run(["--store", str(store.folder), "basis", "implied"]) == 2
    assert "--near and --far" in capsys.readouterr().err
    assert run(["--store", str(store.folder), "basis", "implied", "--near", "BTC1!", "--far", "BTC3!"]) == 0
