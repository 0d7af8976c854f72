"""Does `carry hedge` say what it weighed, in every form, and refuse what it cannot read in its own words?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from perpscope.cli.app import run
from tests.unit.runs.test_hedge import stocked

Ask = Callable[[str], tuple[int, str, str]]
POSITION = "carry hedge binanceusdm BTC/USDT:USDT --spot binance:BTC/USDT --at 2021-06-01T22:00Z --days 30 --leverage 2"
COSTS = "--fee 5bp --half-spread 0 --delivery-fee 1bp --opportunity 0"
SWAP = "--swap-apr 12% --swap-maturity 2021-07-01T22:00Z --swap-fee 0.05% --swap-settlement-fee 0.2% --swap-margin 10%"
KEYS = {
    "instrument", "locked_apr", "expected_apr", "worst_apr", "cost_bp", "capital", "residual_risk", "breakeven", "why_null", "explained",
}  # fmt: skip


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stocked(tmp_path_factory.mktemp("hedge")).folder


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


def test_rows_carry_every_key_and_every_null_its_reason(ask: Ask) -> None:
    for line in (POSITION, f"{POSITION} {COSTS} {SWAP} --swap-on bybit:BTC/USDT:USDT"):
        answer = told(ask, line)
        assert {row["instrument"] for row in answer["options"]} >= {"perp", "dated", "other_perp"}
        for row in answer["options"]:
            assert set(row) >= KEYS
            assert {name for name in KEYS if row[name] is None} <= set(row["why_null"])


def test_a_swap_by_hand(ask: Ask) -> None:
    """Four fills of 5 bp over 30 days, and 25 bp a year."""
    answer = told(ask, f"{POSITION} {COSTS} {SWAP} --swap-on binanceusdm:BTC/USDT:USDT --notional 2e6")
    row = next(row for row in answer["options"] if row["instrument"] == "swap")
    assert row["locked_apr"] == pytest.approx(0.12 - 20e-4 * 365 / 30 - 0.0025)
    assert row["capital"] == pytest.approx(2e6 * 1.6)
    assert row["worst_apr"] == row["locked_apr"]


def test_who_pays_turns_every_sign(ask: Ask) -> None:
    line = POSITION.replace("--spot binance:BTC/USDT", "--outright")
    short, long_ = (told(ask, f"{line} {COSTS} {SWAP} --side {side} --swap-on binanceusdm:BTC/USDT:USDT") for side in ("short", "long"))
    gross = [{row["name"]: row["gross_apr"] for row in answer["options"]} for answer in (short, long_)]
    assert gross[0] == {name: pytest.approx(-rate) for name, rate in gross[1].items()}


def test_a_table_and_a_sheet_say_the_same(ask: Ask) -> None:
    code, out, err = ask(f"{POSITION} {COSTS} {SWAP}")
    assert code == 0
    assert "short binanceusdm:BTC/USDT:USDT against long binance:BTC/USDT: 100,000 for 30 days" in err
    assert "no residual_risk" in out
    assert "name it with --swap-on" in out
    assert "a swap locks what cme:BTC/USD:USD-210625 does at a fixed rate of" in out
    code, out, _ = ask(f"{POSITION} {COSTS} --format csv")
    assert code == 0
    assert out.splitlines()[0].startswith("instrument,name,rank_locked,rank_risk")


def test_a_stated_future_needs_no_store(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PERPSCOPE_STORE", str(tmp_path / "none"))
    line = f"{POSITION} --dated-price 51000 --spot-price 50000 --expiry 2021-07-01T22:00Z {COSTS} --format json"
    assert run(line.split()) == 0
    out, err = capsys.readouterr()
    row = json.loads(out)["options"][0]
    assert row["locked_apr"] == pytest.approx(0.02 * 365 / 30 - 16e-4 * 365 / 30)
    assert "no store is read" in err


def test_nothing_known_is_a_finding(ask: Ask) -> None:
    code, out, _ = ask(f"{POSITION} --at 2030-01-01 --no-others".replace("--at 2021-06-01T22:00Z ", ""))
    assert code == 1
    assert "the store holds none in the 365 days before 2030" in out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--expiry 2021-07-01", "not all of its price, spot and expiry"),
        ("--dated-price 1 --spot-price 1 --expiry 2021-05-01", "Give an expiry after the entry"),
        ("--swap-apr 5%", "Give --swap-apr and --swap-maturity"),
        ("--swap-apr 5% --swap-maturity 2021-05-01", "a maturity after the entry"),
        ("--notional 0", "a notional and days above 0"),
        ("--outright", "--outright beside --spot"),
        ("--fee much", "--fee: 'much' is no share"),
        ("--seed=-1", "a seed"),
        ("--look 0", "days of history"),
    ],
)
def test_misuse_is_told(ask: Ask, line: str, words: str) -> None:
    code, _, err = ask(f"{POSITION} {line}")
    assert code == 2
    assert words in err


def test_the_coin_must_be_the_same_and_strictness_stops(ask: Ask) -> None:
    code, _, err = ask(POSITION.replace("binance:BTC/USDT", "binance:ETH/USDT"))
    assert code == 2
    assert "it is of ETH, the perpetual of BTC" in err
    code, _, err = ask(f"{POSITION} --strict")
    assert code == 1
    assert "do without --strict" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--other bybit:BTC/USDT:USDT --no-others", "--other beside --no-others"),
        ("--other binanceusdm:BTC/USDT:USDT", "it is the perpetual itself"),
        ("--swap-fee 5%", "Give --swap-apr and --swap-maturity"),
        ("--opportunity 5", "500% a year. Write 5% or 0.05"),
        ("--swap-on bybit:BTC/USDT:USDT", "Give --swap-apr and --swap-maturity"),
        ("--swap-entrance 100", "Give --swap-apr and --swap-maturity"),
    ],
)
def test_words_that_would_be_passed_over_are_refused(ask: Ask, words: str, told: str) -> None:
    code, out, err = ask(f"{POSITION} {words}")
    assert (code, out) == (2, "")
    assert told in err


def test_instruments_nobody_has_are_named(ask: Ask) -> None:
    _, _, err = ask(f"{POSITION} --dated-venue nowhere")
    assert "no dated future of nowhere is held of that time" in err
    assert "no swap of funding is stated" in err
    _, _, err = ask(f"{POSITION} {SWAP} --swap-on binanceusdm:BTC/USDT:USDT")
    assert "no dated future" not in err
    assert "no swap" not in err


def test_without_a_moment_the_end_of_the_data_is_meant(ask: Ask) -> None:
    answer = told(ask, f"{POSITION.replace('--at 2021-06-01T22:00Z ', '')} {COSTS}")
    assert answer["at"] == "2021-09-27T00:00:00Z"
    assert all(row["expected_apr"] is not None for row in answer["options"] if row["instrument"] == "perp")
