"""Does `premium noise` print what it promises, and say what it lacks?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perpscope.cli.app import run
from tests.unit.audit.noisy import barred, booked

PROMISED = {
    "window", "certificate",
    "se_reading", "n_effective", "se_average", "band_apr", "readings", "published", "position_in_band", "cost_per_bp", "tick", "spread",
    "n",
}  # fmt: skip


def test_json_holds_what_is_promised_in_plain_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = booked(tmp_path)
    assert run(["--store", str(store.folder), "premium", "noise", "binance-futures", "BTC", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert set(found) >= PROMISED
    assert {"choice", "premium", "rate"} <= set(found["readings"][0])
    assert {"clock", "usd"} <= set(found["cost_per_bp"][0])
    assert found["band_apr"] == sorted(found["band_apr"])
    assert found["certificate"]["digest"]
    assert found["window"] == ["2023-11-14T22:13:20Z", "2023-11-14T22:14:19Z"]
    assert "binanceusdm BTC/USDT:USDT" in err


def test_the_table_tells_numbers_choices_costs_and_notes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = barred(tmp_path)
    assert run(["--store", str(store.folder), "premium", "noise", "binanceusdm", "BTC/USDT:USDT"]) == 0
    out = capsys.readouterr().out
    for words in (
        "noise floor",
        "n_effective",
        "rates that could have been published",
        "cost of one basis point",
        "no book at hand",
        "certificate",
    ):
        assert words in out


def test_choices_leave_as_a_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = barred(tmp_path)
    assert run(["--store", str(store.folder), "premium", "noise", "binanceusdm", "BTC/USDT:USDT", "--format", "csv"]) == 0
    first, *rows = capsys.readouterr().out.splitlines()
    assert first.startswith("choice,premium,rate")
    assert len(rows) == 9


def test_what_is_lacking_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = barred(tmp_path)
    assert run(["--store", str(store.folder), "premium", "noise", "binanceusdm", "ETH/USDT:USDT"]) == 1
    assert run(["--store", str(store.folder), "premium", "noise", "nowhere", "BTC"]) == 2
    assert run(["--store", str(store.folder), "premium", "noise", "binanceusdm", "BTC/USDT:USDT", "--to", "2020-01-01"]) == 1
    assert run(["--store", str(store.folder), "premium", "noise", "binanceusdm", "BTC/USDT:USDT", "--spot", "binance:ETH/USDT"]) == 2
    err = capsys.readouterr().err
    assert "Import" in err
    assert "nowhere" in err
    assert "it is of ETH, the contract of BTC" in err
