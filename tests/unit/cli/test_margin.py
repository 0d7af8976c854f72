"""Do `liquidation price` and `cost hold` print what they promise, and refuse each mistake in its own words?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from perpscope.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Callable

BARE = "--payoff linear --side long --entry 100 --leverage 10 --maintenance 0.005"
BTC = "binanceusdm BTCUSDT --side long --entry 50000 --at 2023-01-01"
Ask = Any


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Callable[[str], tuple[int, str, str]]:
    """Run one command line in place; gives exit code, data and talk."""

    def asked(line: str) -> tuple[int, str, str]:
        code = run(line.split())
        out, err = capsys.readouterr()
        return code, out, err

    return asked


@pytest.fixture
def price(ask: Ask) -> Callable[[str], dict[str, Any]]:
    """Ask for a liquidation price in JSON."""

    def told(line: str) -> dict[str, Any]:
        code, out, err = ask(f"liquidation price {line} --format json")
        assert (code, err) == (0, "")
        answer: dict[str, Any] = json.loads(out)
        return answer

    return told


Price = Any


def test_the_price_without_a_venue(price: Price) -> None:
    told = price(BARE)
    assert told["liquidation_price"] == pytest.approx(90.4522613065, rel=0, abs=5e-11)  # the digits of theory_checks.json
    assert (told["bankruptcy_price"], told["maintenance_rate"], told["bracket"], told["leverage"]) == (90, 0.005, None, 10)
    assert told["distance"] == pytest.approx(-0.0954773869, abs=5e-11)
    assert told["assumed"] == ["maintenance is asked of the value at the mark price", "no closing fee is kept aside"]


def test_the_price_from_the_venue_s_table(price: Price) -> None:
    told = price(f"{BTC} --leverage 10 --quantity 20")
    assert told["liquidation_price"] == pytest.approx(45000 * 20 * 1 / (20 * 0.99) - 1300 / (20 * 0.99), rel=1e-14)  # a few roundings
    assert (told["maintenance_rate"], told["max_leverage"], told["notional"], told["margin"]) == (0.01, 25, 1_000_000, 100_000)
    assert (told["bracket"]["status"], told["bracket"]["relation"]) == ("verified", "in force")
    assert told["bracket"]["source"].startswith("freqtrade/freqtrade")
    assert told["assumed"] == ["no closing fee is kept aside"]


def test_what_is_assumed_is_said(price: Price) -> None:
    told = price("binanceusdm BTC/USDT:USDT --side short --entry 50000 --leverage 10 --at 2026-01-01 --fee 0.05%")
    assert told["assumed"] == [
        "the position lies in the first tier (no quantity or notional is given)",
        "the table of 435 days away still or already held",
    ]
    assert told["bracket"]["gap_days"] == 435
    assert (told["quantity"], told["notional"], told["margin"], told["maintenance"]) == (None, None, None, None)


@pytest.mark.parametrize("line", ["--payoff linear --side long", "--payoff inverse --side short", "--payoff quanto --side long"])
def test_what_is_paid_in_full_has_no_price_but_a_reason(price: Price, line: str) -> None:
    told = price(f"{line} --entry 100 --leverage 1 --maintenance 0.5%")
    assert (told["liquidation_price"], told["bankruptcy_price"], told["distance"]) == (None, None, None)
    assert told["reason"].startswith("the margin covers the whole position")


@pytest.mark.parametrize(
    "line", ["--leverage 10x", "--leverage 10 --margin 5000 --quantity 1", "--margin 5000 --notional 50000", "--margin 5000 --leverage 10"]
)
def test_ways_to_say_the_same(price: Price, line: str) -> None:
    told = price(f"{BTC} {line}")
    assert (told["liquidation_price"], told["leverage"]) == (pytest.approx(45000 / 0.996, rel=1e-15), 10)  # one rounding


def test_a_cross_account(price: Price) -> None:
    """Binance FAQ b3c689c1: (WB - TMM + UPNL + cum - side q entry) / (q rate - side q)."""
    told = price(f"{BTC} --mode cross --quantity 2 --balance 9000 --other-profit -500 --other-maintenance 300")
    assert told["liquidation_price"] == pytest.approx((9000 - 300 - 500 + 50 - 100_000) / (2 * 0.005 - 2), rel=1e-14)  # a few roundings
    assert told["margin"] == 8200


def test_fee_funding_mark_and_valuation(price: Price) -> None:
    told = price(
        "--payoff inverse --side long --entry 8000 --quantity 10000 --margin 0.5 --maintenance 0.5% --valued entry"
        " --fee 7.5bp --fee-at bankruptcy"
    )
    assert told["bankruptcy_price"] == pytest.approx(5718.57, abs=0.005)  # help.bybit.com 360039261334
    lighter = price("--payoff linear --side long --entry 100 --quantity 1 --leverage 10 --maintenance 0 --funding -2 --mark 95")
    assert (lighter["liquidation_price"], lighter["distance"]) == (92, pytest.approx(92 / 95 - 1, rel=1e-14))  # one rounding
    below = price(f"{BARE} --mark 80")
    assert below["already_below"] is True


def test_a_contract_s_own_unit_comes_from_the_catalogue(price: Price) -> None:
    """PI_XBTUSD is one dollar a contract: 8,000 contracts at 8,000 are one coin."""
    told = price("krakenfutures PI_XBTUSD --side long --entry 8000 --quantity 8000 --leverage 10 --at 2021-07-22")
    assert (told["notional"], told["asset"], told["payoff"]) == (1, "BTC", "inverse")
    told = price("--payoff inverse --side long --entry 8000 --quantity 80 --contract-size 100 --leverage 10 --maintenance 1%")
    assert told["notional"] == 1


def test_a_file_of_one_s_own(price: Price, tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    file.write_text('{"contract": "XRPUSDT", "tiers": [[10000, 0.0065, 75]]}', encoding="utf-8")
    told = price(f"binanceusdm XRPUSDT --side long --entry 0.5 --leverage 20 --notional 9000 --brackets {file}")
    assert (told["maintenance_rate"], told["bracket"]["source"], told["bracket"]["status"]) == (0.0065, str(file), "given")
    assert "the undated table held" in told["assumed"]


def test_tables_and_sheets(ask: Ask) -> None:
    _, table, _ = ask(f"liquidation price {BARE}")
    assert "90.4522613065" in table
    code, listed, _ = ask("liquidation tables deribit --format csv")
    assert code == 0
    assert listed.count("deribit,") == 6


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        (BARE.replace("--leverage 10", "--leverage 0.5"), 2, "a leverage: 0.5. Give 1 or more"),
        (f"{BTC} --leverage 126", 2, "a leverage of 126: the table allows 125 at most"),
        (f"{BTC} --leverage 100 --quantity 20", 2, "a position of 1e+06 USDT may have 25"),
        (f"{BTC} --leverage 2 --quantity 200000", 2, "the table ends at 5e+08 USDT"),
        (f"{BTC} --leverage 10 --margin 100 --quantity 20", 2, "quantity says 20 contracts and margin x leverage says 0.02"),
        (f"{BTC} --leverage 10 --quantity -3", 2, "the quantity: -3. Give a positive number"),
        (f"{BTC} --leverage 10 --funding 3", 2, "the position has no size"),
        (f"{BTC} --margin 100", 2, "no size"),
        (f"{BTC} --quantity 1", 2, "neither leverage nor margin"),
        (f"{BTC} --leverage ten", 2, "'ten' is no number"),
        (f"{BTC} --leverage 10 --valued index", 2, "Give one of mark, entry"),
        (f"{BTC} --leverage 10 --fee lots", 2, "'lots' is no share"),
        (f"{BTC} --leverage 10 --fee 200%", 2, "a closing fee: 2"),
        (f"{BTC} --leverage 10 --mode both", 2, "Give isolated or cross"),
        (f"{BTC} --leverage 10 --balance 5", 2, "They count in cross mode only"),
        (f"{BTC} --leverage 10 --mode cross", 2, "no balance, or no size"),
        (f"{BTC} --leverage 10 --payoff inverse", 2, "it is linear, settled in USDT; inverse was given"),
        (f"{BTC} --leverage 10 --asset DOGE", 2, "settled in USDT; DOGE was given"),
        (f"{BTC.replace('50000', '-50000')} --leverage 10", 2, "the entry price: -50000. Prices are positive"),
        (f"{BTC} --leverage 10 --mark 0", 2, "the mark price: 0"),
        (f"{BTC.replace('2023-01-01', 'soon')} --leverage 10", 2, "ISO 8601"),
        (f"{BTC} --leverage 10 --brackets no.json", 2, "the file no.json"),
        (BARE.replace("linear", "square"), 2, "the payoff 'square'"),
        (BARE.replace(" --maintenance 0.005", ""), 2, "no maintenance rate"),
        (BARE.replace("0.005", "1.5"), 2, "a maintenance rate of 1.5"),
        (BARE.replace("--payoff linear", ""), 2, "no contract"),
        (BARE.replace("long", "up"), 2, "up"),
        ("BTC/USDT --side long --entry 1 --leverage 2 --maintenance 0.1", 2, "a spot market has none"),
        ("BTCUSDT BTC --side long --entry 1 --leverage 2", 2, "the catalogue has"),
        ("binanceusdm ??? --side long --entry 1 --leverage 2", 2, "no contract of that name"),
        ("binanceusdm XRPUSDT --side long --entry 1 --leverage 2", 1, "the margin table of binanceusdm XRPUSDT: unknown"),
        ("ETH/USD:BTC --side long --entry 1 --leverage 2 --quantity 5 --maintenance 0.1", 2, "its multiplier is not known"),
    ],
)
def test_mistakes_are_refused_in_their_own_words(ask: Ask, line: str, code: int, says: str) -> None:
    found, out, err = ask(f"liquidation price {line}")
    assert (found, out) == (code, "")
    assert says in err


def test_the_cost_of_leverage(ask: Ask) -> None:
    code, out, err = ask("cost hold --leverage 5 --rate 0.01%/8h --format json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["on_equity"] == {
        "per_interval": 0.0005,
        "per_day": 0.0015,
        "per_year": 0.5475,
        "per_year_compounded": pytest.approx(0.728689, abs=5e-7),
    }
    assert [told["on_notional"][name] for name in ("per_interval", "per_day", "per_year")] == [0.0001, 0.0003, 0.1095]
    assert (told["interval_hours"], told["holding"]) == (8, None)


def test_the_cost_of_a_holding(ask: Ask) -> None:
    _, out, _ = ask("cost hold --leverage 3 --rate 0.01%/8h --side short --days 2.5 --notional 10000 --fee 0.05% --format json")
    told = json.loads(out)["holding"]
    assert told == {
        "hours": 60,
        "intervals": 7.5,
        "payments_least": 7,
        "payments_most": 8,
        "on_notional": -0.00075,
        "on_equity": -0.00225,
        "total": -7.5,
        "break_even_move": pytest.approx(-0.00025, rel=1e-12),  # one addition of doubles
    }


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--leverage 0.2 --rate 0.01%/8h", "a leverage: 0.2. Give 1 or more"),
        ("--leverage 5 --rate 0.01%", "not of the form 0.01%/8h"),
        ("--leverage 5 --rate 0.01%/0h", "a period of 0.0 hours"),
        ("--leverage 5 --rate 0.01%/8h --hours 5 --days 1", "both hours and days"),
        ("--leverage 5 --rate 0.01%/8h --hours -5", "-5 hours"),
        ("--leverage 5 --rate 0.01%/8h --hours 5 --notional 0", "a notional: 0"),
        ("--leverage 5 --rate 0.01%/8h --fee x", "'x' is no share"),
        ("--leverage 5", "rate"),
    ],
)
def test_mistakes_about_costs_are_refused_in_their_own_words(ask: Ask, line: str, says: str) -> None:
    found, out, err = ask(f"cost hold {line}")
    assert (found, out) == (2, "")
    assert says in err
