"""Does `forecast` keep its contract: rows on standard output, talk on standard error, exit 0 fine, 1 no answer, 2 misuse?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from perpscope.cli.app import FINDING, FINE, MISUSE, run
from perpscope.market.table import CONTEXTS, FUNDING, PRICES, Table
from perpscope.store import Store
from perpscope.store.source import Source

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
N = 420
WHO = {"venue": "binanceusdm", "native_id": "BTCUSDT", "symbol": "BTC/USDT:USDT", "market": "linear", "market_list": ""}
ASKED = {"model", "horizon", "rmse_bp", "mae_bp", "money_per_million", "r2_oos", "dm_p", "in_mcs", "n", "coverage_90", "certificate"}


def written(store: Store, table: Table, rows: list[dict[str, Any]]) -> None:
    source = Source(name=f"{table.name}.parquet", sha256="00", table=table.name)
    store.write(table, table.conform(pl.DataFrame(rows).with_columns(pl.lit(source.id).alias("source"))), source)


def bars(who: dict[str, str], closes: list[float]) -> list[dict[str, Any]]:
    stamps = [FIRST + timedelta(hours=8 * k) for k in range(-1, N - 1)]
    facts = {**who, "price_kind": "trade", "bar_hours": 8.0, "precision": "float64"}
    return [
        {
            **facts,
            "ts": t,
            "close_ts": t + timedelta(hours=8),
            "close_quote": c,
            "open_quote": c - 1,
            "high_quote": c + 2,
            "low_quote": c - 2,
        }
        for t, c in zip(stamps, closes, strict=True)
    ]


@dataclass
class Desk:
    """A store of one made-up contract with its prices, and the command."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def ask(self, *tokens: str) -> tuple[int, Any, str]:
        code = run(["--store", str(self.folder), "--no-open", "forecast", *tokens, "--format", "json"])
        told = self.capsys.readouterr()
        return code, json.loads(told.out) if told.out.strip() else None, told.err


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forecast") / "store"
    store = Store.open(folder, create=True, clock=lambda: 0)
    rng = np.random.default_rng(1)
    rate = np.zeros(N)
    for k in range(1, N):
        rate[k] = 1e-4 + 0.8 * (rate[k - 1] - 1e-4) + rng.normal(0, 5e-5)
    stamps = [FIRST + timedelta(hours=8 * k) for k in range(N)]
    settled = {"interval_hours": 8.0, "kind": "settled", "accrual": "stamp"}
    written(store, FUNDING, [{**WHO, **settled, "ts": t, "slot": t, "funding_rate": float(r)} for t, r in zip(stamps, rate, strict=True)])
    spot = (100 + rng.normal(0, 0.3, N).cumsum()).tolist()
    perp = [p * (1.0005 + 3 * float(r)) for p, r in zip(spot, rate, strict=True)]
    other = {**WHO, "venue": "binance", "symbol": "BTC/USDT", "market": "spot"}
    written(store, PRICES, bars(WHO, perp) + bars(other, spot))
    return folder


@pytest.fixture
def desk(made: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(made, capsys)


def test_a_contest_is_a_list_of_rows(desk: Desk) -> None:
    code, rows, talk = desk.ask("contest", "binanceusdm", "BTC", "--horizons", "next", "1d")
    assert code == FINE
    assert all(set(row) >= ASKED for row in rows)
    assert {row["horizon"] for row in rows} == {"next", "1d"}
    by = {(row["model"], row["horizon"]): row for row in rows}
    assert {"current_premium", "last_rate", "moving_average", "ewma", "ar_1", "har", "dar_1", "combination_weighted", "long_run_mean"} <= {
        model for model, _ in by
    }
    assert by["last_rate", "next"]["dm_p"] is None
    assert by["ar_1", "next"]["r2_oos"] > 0.4
    assert isinstance(by["ar_1", "next"]["in_mcs"], bool)
    assert len({row["n"] for row in rows if row["horizon"] == "next"}) == 1
    assert by["last_rate", "next"]["certificate"] in talk
    assert "absent: venue_estimate" in talk
    assert "binance BTC/USDT" in talk  # which series stands for the premium


def test_the_window_and_the_reference_are_heard(desk: Desk) -> None:
    _, whole, _ = desk.ask("contest", "Binance USD-M", "BTCUSDT", "--horizons", "next")
    code, part, _ = desk.ask("contest", "binanceusdm", "BTCUSDT", "--horizons", "next", "--to", "2024-04-01", "--reference", "ewma")
    assert code == FINE
    assert part[0]["n"] < whole[0]["n"]
    assert next(row for row in part if row["model"] == "ewma")["dm_p"] is None
    assert next(row for row in part if row["model"] == "last_rate")["dm_p"] is not None


def test_models_may_forget_the_far_past(desk: Desk) -> None:
    _, whole, _ = desk.ask("contest", "binanceusdm", "BTCUSDT", "--horizons", "next")
    code, part, _ = desk.ask("contest", "binanceusdm", "BTCUSDT", "--horizons", "next", "--window-days", "60")
    assert code == FINE
    moved = {a["model"] for a, b in zip(whole, part, strict=True) if a["rmse_bp"] != b["rmse_bp"]}
    assert {"ar_1", "ar_bic", "har", "dar_1", "combination_mean"} <= moved
    assert not moved & {"last_rate", "moving_average", "ewma", "long_run_mean"}
    assert desk.ask("contest", "binanceusdm", "BTCUSDT", "--window-days", "-1")[0] == MISUSE


def test_the_same_question_has_the_same_answer(desk: Desk) -> None:
    asked = ("contest", "binanceusdm", "BTCUSDT", "--horizons", "1d", "--seed", "7")
    assert desk.ask(*asked)[1] == desk.ask(*asked)[1]


def test_a_placebo_finds_nothing(desk: Desk) -> None:
    code, rows, _ = desk.ask("placebo", "binanceusdm", "BTCUSDT", "--horizons", "next")
    assert code == FINE
    assert {row["moved"] for row in rows} == {0.0}
    assert max(row["r2_oos_shuffled"] for row in rows) < 0.05  # some 280 forecasts


def test_misuse_is_told_apart_from_no_answer(desk: Desk) -> None:
    assert desk.ask("contest", "binanceusdm", "BTCUSDT", "--horizons", "soon")[0] == MISUSE
    assert desk.ask("contest", "nowhere", "BTCUSDT")[0] == MISUSE
    assert desk.ask("contest", "binanceusdm", "BTCUSDT", "--reference", "nobody")[0] == MISUSE
    assert desk.ask("contest", "binanceusdm", "BTCUSDT", "--spot", "binance")[0] == MISUSE
    assert desk.ask("contest", "binanceusdm", "BTCUSDT", "--empty-horizons")[0] == MISUSE
    assert desk.ask("contest", "binanceusdm", "BTCUSDT", "--seed", "-1")[0] == MISUSE
    assert desk.ask("placebo", "binanceusdm", "BTCUSDT", "--seed", "-1")[0] == MISUSE
    code, rows, talk = desk.ask("contest", "binanceusdm", "BTCUSDT", "--to", "2024-01-05")
    assert (code, rows) == (FINDING, None)
    assert "Import a longer history" in talk
    assert desk.ask("contest", "binanceusdm", "ETHUSDT")[0] == FINDING
    code, rows, talk = desk.ask("contest", "Binance", "BTC")
    assert (code, rows) == (MISUSE, None)
    assert "trades perpetuals as binancecoinm, binanceusdm" in talk
    assert "the store holds nothing of this venue. Import" in desk.ask("contest", "coinflex", "BTC")[2]
    assert desk.ask("contest", "binanceusdm", "BTCUSDT", "--from", "2031-01-01")[0] == FINDING


def test_the_venues_estimate_takes_part_where_it_was_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store.open(tmp_path / "s", create=True, clock=lambda: 0)
    rate = 1e-4 + np.random.default_rng(2).normal(0, 5e-5, 200)
    stamps = [FIRST + timedelta(hours=8 * k) for k in range(200)]
    settled = {"interval_hours": 8.0, "kind": "settled", "accrual": "stamp"}
    written(store, FUNDING, [{**WHO, **settled, "ts": t, "slot": t, "funding_rate": float(r)} for t, r in zip(stamps, rate, strict=True)])
    seen = [{**WHO, "ts": t, "predicted_rate": float(r), "interval_hours": 8.0} for t, r in zip(stamps[:-1], rate[1:], strict=True)]
    written(store, CONTEXTS, seen)
    code, rows, talk = Desk(tmp_path / "s", capsys).ask("contest", "binanceusdm", "BTCUSDT", "--horizons", "next")
    assert code == FINE
    assert next(row for row in rows if row["model"] == "venue_estimate")["rmse_bp"] == pytest.approx(0, abs=1e-9)
    assert "the venue's estimate" in talk
    assert "absent: current_premium" in talk
