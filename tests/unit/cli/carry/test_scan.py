"""Does `carry scan` print a list, a line a trade, or a trade taken apart, and refuse each mistake in its own words?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from perpscope.cli.app import run
from tests.unit.runs.scanned import COSTS, constant, store_of, three

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEYS = (
    "symbol", "kind", "legs", "gross_apr", "cost_bp", "net_apr_notional", "net_apr_capital", "breakeven_days", "p_positive",
    "liquidation_move", "capacity", "why_null",
)  # fmt: skip
Ask = Any


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of three venues, one generated contract and one that ended, and a cost file beside it."""
    made = tmp_path_factory.mktemp("scan")
    store_of(made, *three(), constant("gate", "BTC/USDT:USDT", 1e-4, 8, days=50), constant("sim:okx", "ETH/USDT:USDT", 1e-4, 8))
    (made / "costs.toml").write_text(COSTS)
    return made


@pytest.fixture
def ask(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[str], tuple[int, str, str]]:
    """Run one command line in place; gives exit code, data and talk."""

    def asked(line: str = "") -> tuple[int, str, str]:
        code = run(["--store", str(folder / "store"), "carry", "scan", "--costs", str(folder / "costs.toml"), *line.split()])
        out, err = capsys.readouterr()
        return code, out, err

    return asked


def test_json_is_a_ranked_list_whose_every_null_has_its_reason(ask: Ask) -> None:
    code, out, err = ask("--format json")
    rows = json.loads(out)
    assert code == 0
    assert isinstance(rows, list)
    for row in rows:
        assert set(KEYS) <= row.keys()
        assert all(name in row["why_null"] for name in row if row[name] is None)
        assert all(row.get(name) is None for name in row["why_null"])
        assert all({"venue", "side", "payoff"} <= leg.keys() for leg in row["legs"])
    nets = [row["net_apr_capital"] for row in rows if row["net_apr_capital"] is not None]
    assert nets == sorted(nets, reverse=True)
    assert "left out, their last fixing is older than two intervals: gate BTC/USDT:USDT" in err
    assert "left out, they are of no market (--venue sim:... asks for them): all of sim:okx" in err
    assert not any(leg["venue"] == "sim:okx" for row in rows for leg in row["legs"])
    code, out, err = ask("--venue sim:okx --format json")
    assert {leg["venue"] for row in json.loads(out) for leg in row["legs"] if leg["payoff"] != "spot"} == {"sim:okx"}
    assert "SYNTHETIC" in err


def test_the_table_is_one_line_a_trade_in_words(ask: Ask) -> None:
    code, out, _ = ask("--symbol BTC --maintenance 0.5%")
    assert code == 0
    (line,) = [line for line in out.splitlines() if "short binanceusdm USDT: receive 10.95%; long bybit USDT: pay 4.38%" in line]
    assert line.split()[-6:] == ["6.57", "26.0", "5.11", "14.4", "1.00", "+33%"]


def test_on_a_narrow_terminal_the_legs_stand_below_the_numbers(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perpscope.cli.carry.scan_tables.narrow", lambda _columns: True)
    lines = ask("--symbol BTC --maintenance 0.5% --kind perp_perp")[1].splitlines()
    assert not any("receive" in line and "6.57" in line for line in lines)
    assert any(line.split()[1:5] == ["BTC", "6.57", "26.0", "5.11"] for line in lines)
    assert any(line.endswith("BTC: short binanceusdm USDT: receive 10.95%; long bybit USDT: pay 4.38%") for line in lines)


def test_costs_of_the_command_line_fill_what_is_not_known_and_a_line_names_its_backtest(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "--fee 0.05% --half-spread 1bp --fee bybit=0.02% --opportunity 0"
    line = f"--store {folder / 'store'} carry scan --symbol BTC --kind perp_perp --explain 1 --format json {said}"
    assert run(line.split()) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["cost_bp"] == pytest.approx(2 * (5 + 2) + 4 * 1)
    again = "--fee=0.05% --fee=bybit=0.02% --half-spread=1bp --opportunity=0"
    short, long_ = found["backtest"].split()[2:4]
    assert (short, long_) == ("short:binanceusdm:BTC/USDT:USDT:x3", "long:bybit:BTC/USDT:USDT:x3")
    assert found["backtest"].endswith(f"--to {found['at']} --notional 100000 {again}")
    assert run(["--store", str(folder / "store"), *found["backtest"].split()]) == 1
    assert "the prices of binanceusdm BTC/USDT:USDT" in capsys.readouterr().err, "it is asked for rightly, and this store has no prices"


def test_a_line_is_taken_apart_with_rates_and_sources(ask: Ask) -> None:
    code, out, _ = ask("--symbol BTC --kind perp_perp --venue bybit --venue binanceusdm --explain 1 --maintenance 0.5%")
    assert code == 0
    told = ("short binanceusdm BTC/USDT:USDT", "receive 10.95%", "0.009", "fee bybit:BTC/USDT:USDT in", "given", "breakeven_days", "14.44")
    assert [words for words in told if words not in out] == []
    assert "no collateral is moved between venues while it is held (assumed)" in out
    assert "270 rows of funding, 0 missing, from made-0 (90 rows), made-1 (180 rows)" in out
    assert "complete: True" in out
    found = json.loads(ask("--symbol BTC --explain BTC --format json")[1])
    assert {part["status"] for part in found["costs"]} == {"given"}


def test_unhedged_lines_are_the_contrast(ask: Ask) -> None:
    rows = json.loads(ask("--kind naked_short --format json")[1])
    assert {row["kind"] for row in rows} == {"naked_short"}


def test_nothing_found_is_a_finding(ask: Ask) -> None:
    code, out, _ = ask("--min-net 500% --format json")
    assert (code, json.loads(out)) == (1, [])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--symbol NOPE", "the store holds BTC. Name"),
        ("--venue nowhere", "the venue 'nowhere'"),
        ("--kind swing", "Give one of cash_and_carry"),
        ("--at yesterday", "not an ISO 8601 time"),
        ("--hold 0", "held 0 days"),
        ("--history 30", "Give a history of 90 days or more"),
        ("--explain 99", "Give a rank, or a coin that is among them"),
        ("--leverage zero", "'zero'"),
        ("--top 0", "Give 1 or more"),
        ("--workers 0", "1 worker or more"),
        ("--address 127.0.0.1:1", "Take --engine ray"),
        ("--history 1000000", "from 1 to 36,500"),
    ],
)
def test_mistakes_are_named(ask: Ask, line: str, said: str) -> None:
    code, out, err = ask(line)
    assert (code, out) == (2, "")
    assert said in err


def test_a_native_id_is_as_good_as_a_symbol(ask: Ask) -> None:
    _, by_symbol, _ = ask("--symbol BTC/USDT:USDT --format json")
    _, by_id, _ = ask("--symbol BTCUSDT --format json")
    assert json.loads(by_id) == json.loads(by_symbol) != []


def test_a_moment_without_data_is_said_with_the_time_looked_at(ask: Ask) -> None:
    code, out, err = ask("--at 2100-01-01")
    assert (code, out) == (1, "")
    assert "in the 365 days up to 2100-01-01T00:00:00Z. Name another moment." in err


def test_a_strict_scan_names_the_first_cost_it_lacks(ask: Ask) -> None:
    code, out, err = ask("--strict")
    assert (code, out) == (1, "")
    assert "cost file" in err
