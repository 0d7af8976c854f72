"""Does a case hand out the right rows, say what is missing, and certify exactly what it gave?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from perpscope.claims.case import Absent, Case, Shelf
from perpscope.claims.ledger import claim_ids, load_claim
from perpscope.claims.model import Text
from perpscope.claims.run import reproduce
from perpscope.errors import CatalogueError, InputError
from perpscope.market.table import FUNDING, PRICES
from perpscope.store import Store
from perpscope.store.source import Source
from tests.unit.claims.made import claim

START = datetime(2024, 1, 1, tzinfo=UTC)


def _store(folder: Path, rate: float = 1e-4) -> Store:
    store = Store.open(folder, create=True, clock=lambda: 0)
    stamps = [START + timedelta(hours=8 * k) for k in range(30)]
    who = {"venue": "binanceusdm", "native_id": "BTCUSDT", "symbol": "BTC/USDT:USDT", "market": "linear", "market_list": ""}
    rows = pl.DataFrame(
        [
            {**who, "ts": t, "slot": t, "funding_rate": rate, "interval_hours": 8.0, "kind": "settled", "accrual": "stamp", "source": "s"}
            for t in stamps
        ]
    )
    bars = pl.DataFrame(
        [
            {**who, "venue": "binance", "native_id": "BTCUSDT", "symbol": "BTC/USDT", "market": "spot", "price_kind": "trade"}
            | {
                "bar_hours": 8.0,
                "ts": t,
                "close_ts": t + timedelta(hours=8),
                "close_quote": 40_000.0 + k,
                "precision": "float64",
                "source": "s",
            }
            for k, t in enumerate(stamps)
        ]
    )
    for table, frame in ((FUNDING, rows), (PRICES, bars)):
        source = Source(name=f"{table.name}.parquet", sha256="00", table=table.name)
        store.write(table, table.conform(frame.with_columns(pl.lit(source.id).alias("source"))), source)
    return store


def test_rows_come_by_symbol_or_by_the_venues_own_name(tmp_path: Path) -> None:
    case = Case(claim(), Shelf(_store(tmp_path / "s")))
    assert case.funding("binanceusdm", "BTC/USDT:USDT").equals(case.funding("binanceusdm", "BTCUSDT"))
    assert case.funding("binanceusdm", "BTCUSDT", start=1_704_153_600_000, end=1_704_240_000_000).height == 3
    assert case.closes("binance", "BTC/USDT", market="spot", bar_hours=8)["close_at"][0] == 1_704_067_200_000 + 8 * 3_600_000
    assert case.bars("binance", "BTC/USDT", market="spot", bar_hours=8)["open_at"][0] == 1_704_067_200_000


def test_what_is_missing_is_named_with_its_window() -> None:
    case = Case(claim(), Shelf(None))
    with pytest.raises(Absent) as absent:
        case.funding("coinflex", "BTC/USD:BTC", start=1_704_067_200_000)
    assert absent.value.what.en == "rows of the table funding (BTC/USD:BTC coinflex) from 2024-01-01T00:00:00Z to the end"
    assert "coinflex" in absent.value.what.zh
    assert not case.has_funding("coinflex", "BTC/USD:BTC")


def test_the_certificate_covers_what_was_handed_out_and_nothing_else(tmp_path: Path) -> None:
    shelf = Shelf(_store(tmp_path / "s"))
    one, other = Case(claim(), shelf), Case(claim(), shelf)
    assert one.certificate() is None
    one.funding("binanceusdm", "BTCUSDT", end=1_704_240_000_000)
    other.funding("binanceusdm", "BTCUSDT")
    first, whole = one.certificate(), other.certificate()
    assert first is not None
    assert whole is not None
    assert (first["rows"], whole["rows"]) == (6, 30)
    assert first["digest"] != whole["digest"]
    assert first["parts"][0]["sources"][0]["name"] == "funding.parquet"


def test_a_changed_value_changes_the_digest(tmp_path: Path) -> None:
    digests = set()
    for name, rate in (("a", 1e-4), ("b", 1e-4), ("c", 1.0000001e-4)):
        case = Case(claim(), Shelf(_store(tmp_path / name, rate)))
        case.funding("binanceusdm", "BTCUSDT")
        found = case.certificate()
        assert found is not None
        digests.add(found["digest"])
    assert len(digests) == 2


def test_a_sentence_takes_its_numbers_in_both_languages() -> None:
    assert Case(claim(), Shelf(None)).say("mean", mean=-0.123) == Text("It is \u221212.3\u202f%.", "为\u221212.3\u202f%。")


def test_an_unknown_claim_is_the_callers_mistake() -> None:
    with pytest.raises(InputError, match="F01"):
        load_claim("F77")


def test_a_claim_is_found_in_any_case() -> None:
    assert load_claim(" f05 ").id == "F05"


def test_a_claim_whose_function_is_not_there_is_the_ledgers_mistake() -> None:
    with pytest.raises(CatalogueError, match=r"no function nowhere\.f01"):
        reproduce(claim(function="nowhere.f01"), Shelf(None))


def test_all_claims_of_the_articles_are_there() -> None:
    wanted = [f"F{k:02d}" for k in range(1, 31)] + [f"A{k:02d}" for k in range(1, 18)] + [f"C{k:02d}" for k in range(1, 9)]
    assert list(claim_ids()) == wanted


def test_a_generated_market_is_no_evidence(tmp_path: Path) -> None:
    store = _store(tmp_path / "s")
    rows = store.read(FUNDING).with_columns(pl.lit("sim:binanceusdm").alias("venue"))
    source = Source(name="generated: made", sha256="01", table=FUNDING.name)
    store.write(FUNDING, rows.with_columns(pl.lit(source.id).alias("source")), source)
    case = Case(claim(), Shelf(store))
    assert case.rows(FUNDING)["venue"].unique().to_list() == ["binanceusdm"]
    with pytest.raises(Absent):
        case.rows(FUNDING, venue="sim:binanceusdm")
