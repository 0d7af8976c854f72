"""Has every published rate one row that says whether it was checked, and does the file carry its own dictionary?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from perpscope.audit.audited import AUDITED, DEPARTS, MATCHED, NOT_RECOMPUTABLE, audited_rows, dictionary, write_audited
from perpscope.audit.run import run_audit
from perpscope.errors import NotEnoughData, StoreError
from perpscope.market.table import FUNDING
from perpscope.store import Source, Store
from perpscope.store.certificate import digest

T = datetime(2025, 3, 1, tzinfo=UTC)


def store(folder: Path, third: float = 0.00005) -> Store:
    """Six hours of a venue that shows its premium, one of them without; one rate is a unit off where asked."""
    made = Store.open(folder / "store", create=True)
    premium = [0.0001, -0.0003, 0.0009, 0.0002, None, 0.0011]
    rate = [0.0000125, 0.0000125, third, 0.0000125, 0.0000125, 0.000075]
    rows = pl.DataFrame(
        {
            "venue": "hyperliquid",
            "native_id": "BTC",
            "symbol": "BTC/USDC:USDC",
            "market": "linear",
            "market_list": "",
            "ts": [T + timedelta(hours=k, milliseconds=17) for k in range(6)],
            "slot": [T + timedelta(hours=k) for k in range(6)],
            "funding_rate": rate,
            "interval_hours": 1.0,
            "kind": "settled",
            "accrual": "stamp",
            "premium_frac": premium,
        }
    )
    source = Source(name="made", sha256="0" * 64, table="funding")
    made.write(FUNDING, FUNDING.conform(rows.with_columns(pl.lit(source.id).alias("source"))), source)
    return made


def test_each_rate_is_matched_departs_or_says_why_not(tmp_path: Path) -> None:
    rows = audited_rows(store(tmp_path, third=0.00006))
    assert rows["status"].to_list() == [MATCHED, MATCHED, DEPARTS, MATCHED, NOT_RECOMPUTABLE, MATCHED]
    assert rows["residual"][2] == pytest.approx(0.00001)
    assert rows["reason"].to_list() == ["", "", "", "", "no averaged premium in the row, and no samples or books of its window", ""]
    blank = rows.row(4, named=True)
    assert (blank["computed"], blank["residual"], blank["tolerance"]) == (None, None, None)
    assert set(rows["rule"]) == {"hyperliquid"}
    assert rows["ts"][0] == T + timedelta(milliseconds=17)
    assert AUDITED.conform(rows).equals(rows)
    assert AUDITED.faults(rows).is_empty()


def test_rows_say_what_the_audit_says(tmp_path: Path) -> None:
    made = store(tmp_path)
    found, rows = run_audit(made, "hyperliquid", "BTC"), audited_rows(made)
    told = rows.filter(pl.col("status") != NOT_RECOMPUTABLE)
    assert (found.rows, found.recomputed, found.matched) == (rows.height, told.height, told.filter(pl.col("status") == MATCHED).height)
    assert found.max_abs_error == told["residual"].abs().max()


def test_the_file_carries_its_dictionary_and_digest(tmp_path: Path) -> None:
    made = store(tmp_path)
    done = write_audited(made, tmp_path / "out")
    told = json.loads(pl.read_parquet_metadata(done.table)["perpscope"])
    assert told == json.loads(done.dictionary.read_text(encoding="utf-8"))
    rows = pl.read_parquet(done.table)
    assert told["digest"] == done.digest == digest(AUDITED, rows)
    assert [column["name"] for column in told["columns"]] == rows.columns
    assert all(column["meaning"] for column in told["columns"])
    assert told["status"] == {MATCHED: 5, DEPARTS: 0, NOT_RECOMPUTABLE: 1}
    assert told["rows"] == done.rows == 6
    again = write_audited(made, tmp_path / "again")
    assert again.table.read_bytes() == done.table.read_bytes()
    assert again.dictionary.read_bytes() == done.dictionary.read_bytes()


def test_one_changed_value_changes_the_digest(tmp_path: Path) -> None:
    rows = audited_rows(store(tmp_path))
    other = rows.with_columns(pl.col("published") + 1e-12)
    assert dictionary(rows)["digest"] != dictionary(other)["digest"]
    assert dictionary(rows)["digest"] == dictionary(rows.reverse())["digest"]


def test_nothing_to_audit_and_nowhere_to_write_are_said(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughData, match="no settled rate"):
        audited_rows(Store.open(tmp_path / "empty", create=True))
    made = store(tmp_path)
    with pytest.raises(NotEnoughData, match="of bitmex"):
        audited_rows(made, venue="bitmex")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="may be written"):
        write_audited(made, tmp_path / "file" / "sub")
