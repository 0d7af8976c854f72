"""Does `carry cost` print what it promises, and refuse each mistake in its own words?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from perpscope.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Callable

CARRY = "--leg short:binanceusdm:BTC/USDT:USDT:x3 --leg long:binance:BTC/USDT --at 2022-09-01"
Ask = Any


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Callable[[str], tuple[int, str, str]]:
    """Run one command line in place; gives exit code, data and talk."""

    def asked(line: str) -> tuple[int, str, str]:
        code = run(["carry", "cost", *line.split()])
        out, err = capsys.readouterr()
        return code, out, err

    return asked


def test_json_has_every_part_with_its_source_or_the_reason_why_not(ask: Ask) -> None:
    code, out, err = ask(f"{CARRY} --rate 0.01%/8h --notional 1000000 --format json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert [leg["payoff"] for leg in told["trade"]["legs"]] == ["linear", "spot"]
    assert (told["trade"]["kind"], told["notional"], told["quote"], told["rate"]) == ("cash_and_carry", 1_000_000, "USDT", "0.01%/8h")
    fees = {
        (row["leg"].partition(":")[0], row["when"]): (row["bp"], row["money"], row["status"])
        for row in told["parts"]
        if row["part"] == "fee"
    }
    assert fees["binanceusdm", "in"] == (4, 400, "stated")
    assert fees["binance", "out"] == (10, 1000, "verified")
    for row in told["parts"]:
        known = any(row[name] is not None for name in ("bp", "value"))
        assert row["source"] if known else row["note"]
    assert told["totals"]["round_trip"]["bp"] == pytest.approx(told["totals"]["in"]["bp"] + told["totals"]["out"]["bp"], rel=1e-14)
    assert told["capital"]["total"] == pytest.approx(4_000_000 / 3, rel=1e-14)
    assert told["breakeven_days"] == pytest.approx(told["cost_bp_on_notional"] / 3, rel=1e-12)
    assert set(told["why_null"]) == {"totals.opportunity_per_year"}


def test_the_table_numbers_its_sources_and_says_what_is_assumed(ask: Ask) -> None:
    code, out, _ = ask(CARRY)
    assert code == 0
    assert "measured, fixtures books/" in out
    assert "assumed free and at once" in out
    assert "breakeven_days" in out


def test_a_tier_that_one_of_two_venues_has_is_taken_there(ask: Ask) -> None:
    told = json.loads(ask("--leg short:okx:BTC/USDT:USDT --leg long:binance:BTC/USDT --tier Lv3 --at 2022-09-01 --format json")[1])
    fees = {row["leg"]: row["bp"] for row in told["parts"] if row["part"] == "fee"}
    assert fees["okx:BTC/USDT:USDT"] is not None
    assert fees["binance:BTC/USDT"] is None


def test_a_share_may_be_in_percent_and_a_native_id_in_small_letters(ask: Ask) -> None:
    told = json.loads(ask(f"{CARRY} --buffer 20% --format json")[1])
    assert told["capital"]["buffer"] == 20_000
    told = json.loads(ask("--leg short:binanceusdm:btcusdt --at 2022-09-01 --format json")[1])
    assert told["trade"]["legs"][0]["symbol"] == "BTC/USDT:USDT"


def test_the_table_is_readable_and_tells_totals_and_what_is_not_known(ask: Ask) -> None:
    _, out, _ = ask("--leg short:okx:BTC/USDT:USDT:x2 --at 2022-09-01")
    lines = out.splitlines()
    assert "bp of the notional of 100,000.00 USDT" in lines[0]
    assert any(line.split()[:1] == ["entering"] and line.split()[-1] == "unknown" for line in lines)
    assert any(line.startswith("capital 50,000.00 USDT, 0.5 of the notional: okx:BTC/USDT:USDT 50,000.00") for line in lines)
    assert sum("not known, entering: impact okx:BTC/USDT:USDT in" in line for line in lines) == 1


def test_csv_is_the_parts(ask: Ask) -> None:
    _, out, _ = ask(f"{CARRY} --format csv")
    assert out.splitlines()[0].startswith("part,leg,when,per,bp,money,value,unit,status,source,note")


def test_a_cost_file_answers_first_and_venues_it_cannot_mean_are_said(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[[fee]]\nvenue = "binance"\ntaker_bp = 1\n[[fee]]\nvenue = "bybitt"\ntaker_bp = 1\n')
    _, out, err = ask(f"{CARRY} --costs {file} --format json")
    fees = {row["leg"]: (row["bp"], row["status"], row["source"]) for row in json.loads(out)["parts"] if row["part"] == "fee"}
    assert fees["binance:BTC/USDT"] == (1, "given", "mine.toml")
    assert "also speak of bybitt, no venue of this trade" in err


def test_tiers_prices_makers_and_buffers(ask: Ask) -> None:
    line = "--leg short:bitmex:XBTUSD --leg long:bybit:BTC/USD:BTC:taker --at 2021-05-01 --maker --price bitmex=50000 --buffer 0.5"
    told = json.loads(ask(f"{line} --format json")[1])
    (first, _, other, *_) = told["parts"]
    assert (first["bp"], first["charged"], other["bp"]) == (-2.5, -0.0005, 7.5)
    assert told["capital"]["buffer"] == 50_000
    vip = json.loads(ask(f"{CARRY} --tier VIP9 --tier binance=base+BNB --format json")[1])
    assert [row["bp"] for row in vip["parts"] if row["part"] == "fee"][:2] == [1.7, 7.5]
    per_contract = json.loads(ask("--leg short:cme:BTC/USD:USD --at 2022-08-18 --price 40000 --format json")[1])
    assert per_contract["parts"][0]["bp"] == pytest.approx(0.551, rel=1e-12)


def test_strict_names_the_first_hole_of_which_leg_and_what_to_do(ask: Ask) -> None:
    code, out, err = ask(f"{CARRY} --strict")
    assert (code, out) == (1, "")
    assert "opportunity cost: nothing says what the capital would earn elsewhere" in err
    assert "[[opportunity]] per_year_pct in a cost file" in err
    code, _, err = ask("--leg short:okx:BTC/USDT:USDT --at 2022-09-01 --strict")
    assert code == 1
    assert 'impact okx:BTC/USDT:USDT in: no spread of BTC/USDT:USDT at okx is on record; give [[spread]] venue = "okx"' in err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "a trade: no legs"),
        ("--leg short:okx", "not of the form SIDE:VENUE:SYMBOL"),
        (f"{CARRY} --notional 0", "Give a value above 0"),
        (f"{CARRY} --notional many", "'many' is no number"),
        (f"{CARRY} --leverage fast", "the leverage: 'fast' is no number"),
        (f"{CARRY} --rate 0.01%", "not of the form 0.01%/8h"),
        ("--leg short:okx:BTC/USDT:USDT --at yesterday", "not an ISO 8601 time"),
        (f"{CARRY} --price gold=cheap", "'cheap' is no number"),
        (f"{CARRY} --price -5", "not above 0"),
        (f"{CARRY} --tier nowhere=VIP1", "the venue 'nowhere'"),
        (f"{CARRY} --buffer -1", "0 or more"),
        (f"{CARRY} --costs no/such.toml", "no such file"),
        ("--leg short:okx:BTC/USDT:USDT --leg long:okx:BTC/USDT:USDT", "one contract in two legs"),
        (f"{CARRY} --tier VIP99", "the fee tier 'VIP99': binanceusdm:BTC/USDT:USDT has base, VIP1"),
        (f"{CARRY} --tier binance=VIP3 --tier binanceusdm=VIP99", "the fee tier 'VIP99': binanceusdm:BTC/USDT:USDT has base, VIP1"),
        (f"{CARRY} --tier okx=VIP1", "the fee tier of okx: the trade is made at binanceusdm, binance"),
        (f"{CARRY} --price okx=5", "the price of okx: the trade has binanceusdm, binance, BTC, USDT"),
        (f"{CARRY} --record deribit", "legs beside --record"),
        ("--leg short:deribit:BTC/USD:BTC-220325 --at 2022-05-01", "it expired on 2022-03-25"),
        ("--leg short:deribit:BTC/USD:BTC-221332 --at 2022-05-01", "no day of expiry"),
        ("--leg short:okx:BTC/USDT:USDT:foo", "nothing is known of 'foo'"),
        ("--leg short:okx:BTC/USDT:USDT:x-3", "nothing is known of 'x-3'"),
        ("--leg short:okx:BTC/USDT:USDT:size=0", "a contract size of 0"),
    ],
)
def test_each_mistake_is_told(ask: Ask, line: str, told: str) -> None:
    code, out, err = ask(line)
    assert (code, out) == (2, "")
    assert told in err


def test_a_broken_cost_file_is_told_by_key(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[[fee]]\ntakers_bp = 1\n")
    code, _, err = ask(f"{CARRY} --costs {file}")
    assert code == 2
    assert "[[fee]] row 1, key 'takers_bp': nobody reads it" in err


def test_legs_that_do_not_hedge_each_other_are_said(ask: Ask) -> None:
    both = "--leg short:okx:BTC/USDT:USDT --leg short:binanceusdm:BTC/USDT:USDT --at 2022-09-01"
    code, _, err = ask(both)
    assert code == 0
    assert "the trade stands open by -200% of its notional" in err
    assert ask(both.replace("short:okx", "long:okx"))[2] == ""
