"""What does `carry backtest` answer, and what does it say of what it was not told?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from perpscope.cli.app import run
from perpscope.cli.carry import backtest_words as words
from perpscope.cli.carry.backtest_tables import exposed
from perpscope.errors import InputError
from perpscope.market.time import to_ms
from perpscope.trading.trade import Leg
from tests.unit.claims.held import funding, prices
from tests.unit.runs.made_pair import HOUR, PERP, SPOT, START, WIGGLY, two_days
from tests.unit.runs.stocked import stocked

if TYPE_CHECKING:
    from pathlib import Path

ONE = ("binanceusdm", PERP)
LEGS = ("--leg", f"short:binanceusdm:{PERP}:x3", "--leg", f"long:binance:{SPOT}")


def asked(folder: Path, capsys: pytest.CaptureFixture[str], *tokens: str) -> tuple[int, Any, str]:
    code = run(["--store", str(folder / "store"), "carry", "backtest", *tokens, "--format", "json"])
    told = capsys.readouterr()
    return code, json.loads(told.out) if told.out else None, told.err


def test_the_contract_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two_days(tmp_path)
    code, found, said = asked(tmp_path, capsys, *LEGS, "--from", "2021-04-01", "--to", "2021-04-03", "--capital", "1000")
    assert code == 0
    assert {"net_return", "apr", "sharpe", "max_drawdown", "by_reason", "liquidations", "trades", "certificate"} <= found.keys()
    assert found["by_reason"]["funding"] > 0 > found["by_reason"]["fee"]
    assert found["legs"][0]["leverage"] == 3
    assert "assumed: binanceusdm:BTC/USDT:USDT: the trade price is assumed to be its mark" in said
    assert "missing: the funding of" in said


def test_a_perpetual_alone_is_a_cash_and_carry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two_days(tmp_path)
    one = asked(tmp_path, capsys, *LEGS)[1]
    other = asked(tmp_path, capsys, "binanceusdm", PERP, "--leverage", "3")[1]
    named = asked(tmp_path, capsys, "binanceusdm", "BTCUSDT", "--leverage", "3", "--spot", f"binance:{SPOT}")[1]
    assert (one["kind"], one["net_return"]) == ("cash_and_carry", other["net_return"])
    assert named["net_return"] == one["net_return"]
    bare = asked(tmp_path, capsys, LEGS[1], LEGS[3])[1]
    assert bare["net_return"] == one["net_return"]
    naked = asked(tmp_path, capsys, "binanceusdm", PERP, "--kind", "naked_long")[1]
    assert [leg["side"] for leg in naked["legs"]] == ["long"]


def test_policies_costs_and_money_are_what_was_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two_days(tmp_path, rates=[1e-4, -1e-4, 1e-4, -1e-4, 1e-4, 1e-4])
    (tmp_path / "mine.toml").write_text('[[fee]]\nvenue = "binanceusdm"\nmaker = 0\ntaker = 0.01\n', encoding="utf-8")
    flip = asked(tmp_path, capsys, *LEGS, "--policy", "exit", "--costs", str(tmp_path / "mine.toml"), "--notional", "1000")[1]
    assert (flip["trades"], flip["policy"]["exit_apr"], flip["policy"]["look"]) == (3, 0, 1)
    assert flip["by_leg"][f"binanceusdm:{PERP}"]["fee"] == pytest.approx(-6 * 0.01 * 1000, rel=0.1)
    never = asked(tmp_path, capsys, *LEGS, "--enter", "50%/year", "--exit", "10%/year", "--look", "2")[1]
    assert (never["policy"]["enter_apr"], never["policy"]["exit_apr"], never["trades"]) == (0.5, 0.1, 0)


def test_beside_other_policies_halts_and_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two_days(tmp_path, rates=[1e-4, -1e-4] * 3)
    halt = "binanceusdm:2021-04-01T04:00Z:2021-04-01T12:00Z"
    code, found, _ = asked(tmp_path, capsys, *LEGS, "--compare", "exit", "--halt", halt, "--capacity", "1e3,1e4")
    assert code == 0
    assert [row["policy"] for row in found["compared"]] == ["as asked", "exit"]
    assert found["halts"]["cost"] == 0
    assert [row["notional"] for row in found["capacity"]] == [1e3, 1e4]


def test_strict_refuses_and_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two_days(tmp_path)
    code, found, said = asked(tmp_path, capsys, *LEGS, "--strict")
    assert (code, found) == (1, None)
    assert "is not the one its rule names (mark)" in said
    assert "Import those prices, or do without --strict." in said


def test_a_stand_in_and_a_maintenance_rate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stocked(
        tmp_path,
        prices("binance", SPOT, START - HOUR, WIGGLY),
        funding("hyperliquid", "BTC/USDC:USDC", START, [1e-5] * 48, hours=1, native_id="BTC"),
    )
    legs = ("--leg", "short:hyperliquid:BTC/USDC:USDC", "--leg", f"long:binance:{SPOT}")
    code, _, said = asked(tmp_path, capsys, *legs)
    assert code == 1
    assert "--price-of hyperliquid:BTC/USDC:USDC=VENUE:SYMBOL" in said
    code, found, said = asked(tmp_path, capsys, *legs, "--price-of", f"1=binance:{SPOT}", "--maintenance", "1=2%")
    assert code == 0
    assert found["legs"][0]["margin"] == {"source": "given", "maintenance": 0.02}
    assert "the prices of binance BTC/USDT are assumed to be its own" in said


def test_a_table_shows_where_the_money_came_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two_days(tmp_path)
    assert run(["--store", str(tmp_path / "store"), "carry", "backtest", *LEGS]) == 0
    told = capsys.readouterr().out
    for words_ in ("net return on capital", "where it came from", "funding", "certificate "):
        assert words_ in told


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        ((), "neither legs nor a perpetual"),
        (("binanceusdm", PERP, *LEGS), "beside legs"),
        ((*LEGS, "--policy", "flip", "--enter", "1%/year"), "thresholds beside it"),
        ((*LEGS, "--capital", "much"), "'much' is no number"),
        ((*LEGS, "--capital", "-5"), "Give money above 0"),
        ((*LEGS, "--from", "2021-04-02", "--to", "2021-04-01"), "Give --from before --to"),
        ((*LEGS, "--halt", "binance:yesterday"), "not of the form VENUE:FROM:TO"),
        ((*LEGS, "--price-of", "3=binance:BTC/USDT"), "1 = binanceusdm:BTC/USDT:USDT, 2 = binance:BTC/USDT"),
        ((*LEGS, "--bar", "1 century"), "no length of a bar"),
        ((*LEGS, "--maintenance", "lots"), "'lots' is no share"),
        (("--leg", "short:binanceusdm"), "not of the form SIDE:VENUE:SYMBOL"),
        (
            (*ONE, "--spot", f"binance:{SPOT}", "--against", "hold"),
            "a policy, not a leg. To run another policy beside it say --compare hold",
        ),
        ((*ONE, "--spot", f"binance:{SPOT}", "--against", f"bybit:{PERP}"), "two other legs"),
        ((*ONE, "--spot", f"bybit:{PERP}"), "a contract, not a spot market"),
        ((*ONE, "--kind", "naked_long", "--spot", f"binance:{SPOT}"), "a second leg"),
        ((*ONE, "--kind", "perp_perp", "--against", f"binance:{SPOT}"), "its legs make a cash_and_carry"),
        ((*LEGS, "--spot", f"binance:{SPOT}"), "beside legs"),
        ((*LEGS, "--kind", "reverse_carry"), "its legs make a cash_and_carry"),
        ((*LEGS, "--policy", "exit", "--follow"), "which goes with thresholds"),
        ((*LEGS, "--halt", "okx:2021-04-01:2021-04-02"), "the trade is made at binanceusdm, binance"),
        ((*LEGS, "--halt", "binance:2022-04-01:2022-04-02"), "the window is 2021-04-01T00:00:00Z to 2021-04-03T00:00:00Z"),
        ((*LEGS, "--tier", "okx=VIP1"), "the trade is made at binanceusdm, binance"),
        ((*LEGS, "--tier", "VIP99"), "the fee tier 'VIP99': binanceusdm:BTC/USDT:USDT has base, VIP1"),
        ((*LEGS, "--capacity", "1e5,-5"), "Give notionals above 0"),
        ((*LEGS, "--risk-free", "5"), "500% a year. Write 5% or 0.05"),
        ((*LEGS, "--target", "0.5"), "a target of 0.5 with no top-up"),
        ((*LEGS, "--impact", "-1"), "larger orders never fill better"),
        ((*LEGS, "--strict", "--missing", "skip"), "goes over nothing that is missing"),
        ((*LEGS, "--capital", "1e-9"), "what its money is counted in"),
    ],
)
def test_slips_are_misuse_and_say_what_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], tokens: tuple[str, ...], said: str
) -> None:
    two_days(tmp_path)
    code, found, told = asked(tmp_path, capsys, *tokens)
    assert (code, found) == (2, None)
    assert said in told


def test_an_open_trade_is_told_which_leg_would_close_it() -> None:
    def said(*legs: tuple[str, str, str, float], left: float) -> list[str]:
        told = [{"leg": leg, "side": side, "payoff": payoff, "ratio": ratio} for leg, side, payoff, ratio in legs]
        return list(exposed(told, left))

    short, coins, other = (f"bybit:{PERP}", "short", "linear", 1.0), (f"binance:{SPOT}", "long", "spot", 0.6), ("bybit:ETH/USDT:USDT",)
    (line,) = said(short, coins, (*other, "long", "linear", 0.4), left=-0.4)
    assert line.endswith(f"open by -40% of its notional, coins put aside as margin included; ratio=1 on binance:{SPOT} would leave none")
    (line,) = said(short, (*other, "long", "linear", 0.4), left=-1.0)
    assert line.endswith("included")
    assert said(short, (f"binance:{SPOT}", "long", "spot", 1.0), left=0.0) == []


def test_words() -> None:
    legs = (Leg("binanceusdm", PERP, "short"), Leg("binance", SPOT, "long"))
    assert words.yearly("it", "10%/year") == pytest.approx(0.1)
    assert words.yearly("it", "0.01%/8h") == pytest.approx(0.1095)
    assert words.yearly("it", "0.1") == 0.1
    assert words.yearly("it", "never") == -float("inf")
    assert words.halts_of(["binance:2021-05-19T12:00Z:2021-05-19T18:30Z", "binance:2021-05-20:2021-05-21"]) == {
        "binance": (
            (to_ms("2021-05-19T12:00Z"), to_ms("2021-05-19T18:30Z")),
            (to_ms("2021-05-20T00:00Z"), to_ms("2021-05-21T00:00Z")),
        )
    }
    assert words.stand_ins_of(["binanceusdm=bybit:BTC/USDT:USDT"], legs) == {legs[0].name: ("bybit", PERP, "linear")}
    assert words.maintenance_of(["0.5%", f"{legs[1].name}=10%"], legs) == {"": pytest.approx(0.005), legs[1].name: pytest.approx(0.1)}
    assert words.late_of(["2=4h", "1=-1h"], legs) == {legs[1].name: 4.0, legs[0].name: -1.0}
    with pytest.raises(InputError, match="ends before it begins"):
        words.halts_of(["binance:2021-05-21:2021-05-20"])
