"""From the files to the answer: import, audit, the command's own words."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from perpscope.audit.run import run_audit
from perpscope.cli.app import run
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.table import FUNDING, PREMIUM_SAMPLES, Table
from perpscope.market.time import day_ms
from perpscope.store import Fact, Source, Store
from tests.unit.audit.histories import funding, hourly_with_premium, published


def source(table: Table, name: str) -> Source:
    return Source(name=name, sha256=name.encode().hex().ljust(64, "0")[:64], licence="", table=table.name, facts={}, rows=0, precedence=0)


def put(store: Store, table: Table, frame: pl.DataFrame, name: str) -> None:
    own = source(table, name)
    store.write(table, frame.with_columns(pl.lit(own.id).alias("source")), own)


@pytest.fixture(scope="module")
def store(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    found = Store.open(tmp_path_factory.mktemp("audit") / "store", create=True)
    put(found, FUNDING, hourly_with_premium(shared), "hourly")
    cross = shared / "data/funding_cross_section_2025_2026.parquet"
    for native_id in ("xyz:AAPL", "xyz:AMD"):
        put(found, FUNDING, published(cross, "hyperliquid-xyz", native_id, "hyperliquid", "linear", "xyz"), native_id)
    put(found, FUNDING, published(cross, "hyperliquid", "TON", "hyperliquid", "linear"), "TON")
    other = shared / "data/funding_other_venues_btc_eth.parquet"
    put(found, FUNDING, published(other, "bybit", "ETHUSDT", "bybit", "linear"), "bybit")
    put(
        found,
        FUNDING,
        published(shared / "data/funding_binance_usdm_btc_eth.parquet", "binance", "ETHUSDT", "binanceusdm", "linear"),
        "usdm",
    )
    return found


def asked(store: Store, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run(["--store", str(store.folder), "audit", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_command_answers_as_its_contract_says(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = asked(store, capsys, "hyperliquid", "BTC", "--format", "json")
    answer = json.loads(out)
    assert (code, answer["rows"], answer["recomputed"], answer["matched"]) == (0, 18_785, 12_192, 12_192)
    assert 0 < answer["max_abs_error"] < 1e-10
    assert answer["symbol"] == "BTC/USDC:USDC"
    assert "BTC/USDC:USDC" in err, "what was understood is said"
    (table,) = answer["certificate"]["tables"]
    assert (table["table"], table["rows"], answer["certificate"]["complete"]) == ("funding", 18_785, False)


def test_a_failed_check_is_a_finding(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = asked(store, capsys, "hyperliquid", "TON", "--format", "json")
    assert code == 1
    assert {c["name"] for c in json.loads(out)["checks"] if c["holds"] is False} == {"no runs of zeros"}


def test_a_builder_contract_is_found_by_its_own_name_and_by_its_list(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = asked(store, capsys, "hyperliquid", "xyz:AAPL", "--format", "json")
    assert (code, json.loads(out)["market_list"]) == (0, "xyz")
    code, out, _ = asked(store, capsys, "hl", "AMD", "--list", "xyz", "--format", "json")
    assert (code, json.loads(out)["symbol"]) == (0, "AMD/USDC:USDC")


def test_dates_cut_the_history(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = asked(store, capsys, "hyperliquid", "BTC", "--from", "2024-01-01", "--to", "2024-01-02T06:00:00Z", "--format", "json")
    answer = json.loads(out)
    assert (code, answer["rows"], answer["matched"]) == (0, 30, 30)


def test_the_search_is_shown_on_demand(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = asked(store, capsys, "bybit", "ETHUSDT", "--infer", "--format", "json")
    seen = [each for each in json.loads(out)["inference"]["seen"] if each["feature"] == "lag"]
    assert [each["value"] for each in seen] == [1, 0]
    _, out, _ = asked(store, capsys, "bybit", "ETHUSDT", "--infer")
    assert "what the rates alone show" in out
    _, out, _ = asked(store, capsys, "hyperliquid", "BTC", "--infer")
    assert "whole scaled by N/8" in out.replace("\n", " ")


def test_the_table_tells_counts_checks_and_reasons(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = asked(store, capsys, "bybit", "ETHUSDT")
    assert code == 0
    for words in ("what the rules imply", "not tested", "rules in force", "bybit-2", "not recomputed, and why", "certificate"):
        assert words in out
    code, out, _ = asked(store, capsys, "bybit", "ETHUSDT", "--format", "csv")
    assert out.splitlines()[0].startswith("venue,symbol,rows,recomputed,matched,max_abs_error")


@pytest.mark.parametrize(
    ("words", "code"),
    [(("nowhere", "BTC"), 2), (("hyperliquid", "NOPE"), 1), (("hyperliquid",), 2), (("hyperliquid", "BTC", "--from", "soon"), 2)],
)
def test_misuse_and_unanswerable_questions_have_their_codes(
    store: Store, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int
) -> None:
    found, out, err = asked(store, capsys, *words)
    assert (found, out) == (code, "")
    assert err


def test_references_are_named_in_the_certificate(store: Store) -> None:
    found = run_audit(store, "bybit", "ETHUSDT")
    assert found.certificate["references"]["rows"] == 7273
    assert {c.name: c.holds for c in found.checks}["lag against another venue"] is True


def test_rows_read_before_are_not_read_again_and_give_the_same(store: Store) -> None:
    whole = store.read(FUNDING)
    one, other = run_audit(store, "hyperliquid", "BTC", funding=whole), run_audit(store, "hyperliquid", "BTC")
    assert one.to_dict() == other.to_dict()


def test_samples_of_the_store_are_used_and_so_are_margins_the_registry_knows(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store", create=True)
    start = day_ms("2024-01-01")
    who = {"venue": "bybit", "native_id": "ETHUSDT", "symbol": "ETH/USDT:USDT", "market": "linear", "market_list": "", "source": ""}
    at = pl.Series("ts", [start + 60_000 * k for k in range(480)]).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    samples = pl.DataFrame({"ts": at, "premium_frac": [0.00112345] * 480}).with_columns(pl.lit(v).alias(k) for k, v in who.items())
    put(store, PREMIUM_SAMPLES, PREMIUM_SAMPLES.conform(samples), "samples")
    ts = pl.Series("ts", [start + 28_800_000]).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    rates = funding(pl.DataFrame({"ts": ts, "funding_rate": [0.00062345], "interval_hours": [8.0]}), "bybit", "ETHUSDT", "linear")
    put(store, FUNDING, rates, "rates")
    before = run_audit(store, "bybit", "ETHUSDT")
    assert (before.rows, before.recomputed) == (1, 0)
    assert "maintenance_margin" in next(iter(before.not_recomputable))
    margins = (("initial_margin", 0.01), ("maintenance_margin", 0.005))
    store.registry.record([Fact("bybit", "", "ETHUSDT", name, value, 0) for name, value in margins], "notice", start)
    after = run_audit(store, "bybit", "ETHUSDT")
    assert (after.recomputed, after.matched) == (1, 1)
    assert {table["table"] for table in after.certificate["tables"]} == {"funding", "premium_samples"}


def test_an_empty_store_has_nothing_to_audit(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store", create=True)
    with pytest.raises(NotEnoughData, match="nothing"):
        run_audit(store, "hyperliquid", "BTC/USDC:USDC")
    with pytest.raises(InputError, match="no contract of that name"):
        run_audit(store, "bitmex", "what is this?")
