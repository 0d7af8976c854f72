"""Does a slip of the hand get its own answer, at once, and is nothing paid by it?"""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from perpscope.cli.app import MISUSE, run
from perpscope.errors import InputError
from perpscope.market.funding import PublishedFixing
from perpscope.mechanisms.window import Window
from perpscope.trading.settle import settle

HELD = {"account": "a", "venue": "binance", "symbol": "BTCUSDT", "at": "2025-01-01T00:00Z", "quantity": 2}
DECIDED = {"venue": "binance", "symbol": "BTCUSDT", "at": "2025-01-01T08:00Z", "funding_rate": 0.0001, "interval_hours": 8, "price": 60000}
HOLD = ["cost", "hold", "--rate", "0.01%/8h", "--leverage", "5"]
PRICE = ["liquidation", "price", "--payoff", "linear", "--side", "long", "--leverage", "10", "--maintenance", "0.5%"]


def settled(folder: Path, held: str, decided: str, *more: str) -> int:
    """Settle two texts."""
    (folder / "held").write_text(held, encoding="utf-8")
    (folder / "decided").write_text(decided, encoding="utf-8")
    return run(["settle", "--positions", str(folder / "held"), "--fixings", str(folder / "decided"), *more])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["cost", "hold", "--rate", "5/8h", "--leverage", "5"], "the whole notional and more"),
        (["cost", "hold", "--rate", "150%/8h", "--leverage", "5"], "the whole notional and more"),
        (["cost", "hold", "--rate", "0.01%/.h"], "not of the form"),
        (["cost", "hold", "--rate", "0.01%/8h", "--leverage", "1e999999999"], "no number of ordinary size"),
        (["cost", "hold", "--rate", "0.01%/8h", "--leverage", "1e7"], "a leverage"),
        ([*HOLD, "--fee", "5", "--days", "3"], "below 1"),
        ([*HOLD, "--fee=-1", "--days", "3"], "below 1"),
        ([*HOLD, "--notional", "1e400", "--days", "3"], "no number of ordinary size"),
        ([*PRICE, "--entry", "1e999999999"], "no number of ordinary size"),
        ([*PRICE, "--entry", "1e400"], "no number of ordinary size"),
        (["setle"], "is settle meant?"),
    ],
)
def test_numbers_that_cannot_be_meant(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == MISUSE
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("held", "more", "told"),
    [
        ({"quantity": 1e300}, (), "beyond all use"),
        ({"symbol": "BTC/FOO:FOO"}, (), "binance settles nothing in FOO"),
        ({"venue": "binanec"}, (), "none of that name. Give binance."),
        ({"venue": "ftx", "symbol": "BTC-PERP", "at": "2023-01-01T00:00Z"}, (), "its venue had closed by then"),
        ({}, ("--but", "cap=-1"), "a width below zero"),
        ({}, ("--but", "floor=1"), "a floor above zero"),
        ({}, ("--but", "interval_hours=0"), "no time"),
        ({}, ("--but", "decimals=4.7"), "not a number of decimals"),
        ({}, ("--but", "cap=1e-999999999"), "is not a number"),
        ({}, ("--as", "cme"), "no rule of it is on record"),
    ],
)
def test_positions_and_changes_that_cannot_be(
    tmp_path: Path, held: dict[str, object], more: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settled(tmp_path, json.dumps({**HELD, **held}), json.dumps(DECIDED), *more) == MISUSE
    assert told in capsys.readouterr().err


def test_a_name_said_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settled(tmp_path, json.dumps(HELD).replace("}", ', "quantity": 5}'), json.dumps(DECIDED)) == MISUSE
    assert "quantity stands there twice" in capsys.readouterr().err


def test_nothing_paid_is_told_and_so_is_one_rate_in_percent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settled(tmp_path, json.dumps({**HELD, "at": "2025-02-01T00:00Z"}), json.dumps(DECIDED)) == 0
    assert "nothing was paid" in capsys.readouterr().err
    several = [{**DECIDED, "at": f"2025-01-0{day}T08:00Z", "funding_rate": 0.01 if day == 2 else 0.0001} for day in (1, 2, 3)]
    assert settled(tmp_path, json.dumps(HELD), "\n".join(map(json.dumps, several))) == 0
    assert "is it in percent?" in capsys.readouterr().err


def test_the_house_of_a_venue_is_enough_for_another_rule(tmp_path: Path) -> None:
    bybit = [json.dumps({**row, "venue": "bybit"}) for row in (HELD, {**DECIDED, "premium": 0.0002})]
    assert settled(tmp_path, bybit[0], bybit[1], "--as", "binance", "--format", "json") == 0


def test_each_life_of_a_name_has_its_own_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """1 LUNA a contract until May 2022, 1000 of another LUNA from September on: 2 x 80 and 3000 x 3 at 0.01 %."""
    luna = {"venue": "binance", "symbol": "LUNAUSDT"}
    lives = [{**luna, "contract_size": 1, "ended": "2022-05-13T00:00Z"}, {**luna, "contract_size": 1000, "listed": "2022-09-10T00:00Z"}]
    held = [{**HELD, **luna, "at": "2022-05-01T00:00Z"}, {**HELD, **luna, "account": "b", "at": "2022-09-11T00:00Z", "quantity": 3}]
    paid = [{**DECIDED, **luna, "at": "2022-05-01T08:00Z", "price": 80}, {**DECIDED, **luna, "at": "2022-09-15T08:00Z", "price": 3}]
    (tmp_path / "lives").write_text("\n".join(map(json.dumps, lives)), encoding="utf-8")
    texts = ("\n".join(map(json.dumps, rows)) for rows in (held, paid))
    assert settled(tmp_path, *texts, "--contracts", str(tmp_path / "lives"), "--format", "json") == 0
    assert [row["amount"] for row in json.loads(capsys.readouterr().out)["payments"]] == [-0.016, -0.9]


def test_the_library_refuses_what_the_command_line_refuses() -> None:
    with pytest.raises(InputError, match="averaged premium"):
        Window.averaged(0, 8 * 3_600_000, math.nan)
    with pytest.raises(InputError, match="the accrual 'foo'"):
        PublishedFixing("binanceusdm", "BTC/USDT:USDT", 0, 0.0001, 8, 60_000, accrual="foo")  # type: ignore[arg-type]  # what a user may write
    with pytest.raises(InputError, match="missing_price"):
        settle([], [], missing_price="foo")  # type: ignore[arg-type]  # what a user may write
