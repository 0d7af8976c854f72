"""Does a backtest on the rows of a store say what it earned, on what it stands, and what it would not go on without?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from perpscope.errors import InputError, NotEnoughData
from perpscope.runs.backtest import Question, run_backtest
from perpscope.runs.contrast import capacity, compared, policy_named, without_halts
from perpscope.runs.history import Wanted
from perpscope.trading.costs.figure import Figure
from perpscope.trading.trade import Collateral, Leg, Trade
from tests.unit.runs.made_pair import HOUR, LONG, PAIR, PERP, SHORT, SPOT, START, WIGGLY, flat, two_days

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = {"net_return", "apr", "sharpe", "max_drawdown", "by_reason", "liquidations", "trades", "certificate"}


def asked(**changes: object) -> Question:
    return replace(Question(PAIR, Wanted(), flat(), notional=1000), **changes)  # type: ignore[arg-type]  # fields of the question


def test_the_money_is_what_a_hand_reckons(tmp_path: Path) -> None:
    run = run_backtest(two_days(tmp_path), asked())
    # both legs move together; six fixings of 1e-4 on 10 coins at the price of their hour; the fold pays no fixing of the last instant less
    paid = sum(1e-4 * 10 * WIGGLY[8 * k] for k in range(1, 7))
    fees = 2 * 0.0005 * 10 * (WIGGLY[0] + WIGGLY[48])
    assert run.answers["by_reason"]["funding"] == pytest.approx(paid)
    assert run.answers["by_reason"]["fee"] == pytest.approx(-fees)
    assert run.answers["by_reason"]["basis"] == pytest.approx(0, abs=1e-9)
    assert run.money == pytest.approx(paid - fees)


def test_the_document_has_the_names_of_the_contract(tmp_path: Path) -> None:
    document = run_backtest(two_days(tmp_path), asked()).document()
    assert document.keys() >= CONTRACT
    assert document["net_return"] == pytest.approx(document["equity"]["last"] / document["equity"]["first"] - 1)
    assert document["net_return_notional"] == pytest.approx(2 * document["net_return"])
    change = document["equity"]["last_units"] - document["equity"]["first_units"]
    assert change == round((document["equity"]["last"] - document["equity"]["first"]) * 1e8)
    assert change == sum(document["by_reason_units"].values())
    assert change == sum(units for own in document["by_leg_units"].values() for units in own.values())
    assert document["certificate"]["rows"] == 49 + 49 + 6
    assert document["window"]["used"] == ["2021-04-01T00:00:00Z", "2021-04-03T00:00:00Z"]
    assert document["equity_curve"][0] == ["2021-04-01T00:00:00Z", 2000.0]
    assert [event["what"] for event in document["events"]] == ["opened", "closed", "closed"]
    assert document["mark_is"] == {SHORT.name: "trade", LONG.name: "trade"}


def test_a_strict_run_names_the_first_lack_and_how_many_follow(tmp_path: Path) -> None:
    store = two_days(tmp_path)
    with pytest.raises(NotEnoughData, match=r"the price of 6 of 6 fixings is not the one its rule names \(mark\)"):
        run_backtest(store, asked(strict=True))
    with pytest.raises(NotEnoughData, match=r"the price of 6 of 6 fixings"):
        run_backtest(store, asked(strict=True, missing="skip"))
    with pytest.raises(NotEnoughData, match=r"its prices begin at .*\(4 more are missing"):
        run_backtest(store, asked(strict=True, wanted=Wanted(START - 48 * HOUR, START + 96 * HOUR)))


def test_moments_of_events_are_texts(tmp_path: Path) -> None:
    document = run_backtest(two_days(tmp_path, rates=[1e-4] * 4), asked()).document()
    (hole,) = [event for event in document["events"] if event["what"] == "hole"]
    assert (hole["since"], hole["until"]) == ("2021-04-02T08:00:00Z", "2021-04-03T00:00:00Z")
    assert any(line.startswith(f"the funding of {SHORT.name}: 1 holes in its fixings") for line in document["missing"])


def test_holes_stop_where_the_plan_says_so(tmp_path: Path) -> None:
    rows = [price for k, price in enumerate(WIGGLY) if k < 20]
    late = two_days(tmp_path, perp=rows)
    assert run_backtest(late, asked()).answers["end"] == "2021-04-01T19:00:00Z"
    assert run_backtest(late, asked(missing="stop")).answers["trades"] == 1


def test_the_same_money_comes_of_capital_and_of_notional(tmp_path: Path) -> None:
    store = two_days(tmp_path)
    one, other = run_backtest(store, asked()), run_backtest(store, asked(notional=None, capital=2000))
    assert one.money == other.money


def test_leaving_at_every_sign_costs_what_the_fees_say(tmp_path: Path) -> None:
    run = run_backtest(two_days(tmp_path, rates=[1e-4, -1e-4, 1e-4, -1e-4, 1e-4, 1e-4]), asked())
    held, left, turned = compared(run, ["exit", "flip"])
    assert (held["policy"], held["trades"]) == ("as asked", 1)
    assert left["trades"] == 3  # known after the first, the third and the fifth fixing
    assert turned["trades"] == 5
    assert left["fee"] < 2 * held["fee"]
    assert left["more_than_asked"] == pytest.approx(left["net_return"] - held["net_return"])
    assert turned["borrow"] < 0
    with pytest.raises(InputError, match="Give one of hold, exit, flip"):
        policy_named("dance")


def test_a_halt_costs_what_the_run_without_it_earns_more(tmp_path: Path) -> None:
    rising = [100.0 + 0.5 * k + (k % 3) * 0.01 for k in range(49)]
    store = two_days(tmp_path, perp=rising, spot=rising)
    trade = Trade("cash_and_carry", (replace(SHORT, leverage=8), LONG), Collateral(buffer=0.5, top_up=0.08))
    halts = {"binanceusdm": ((START + 8 * HOUR, START + 40 * HOUR),)}
    told = without_halts(run_backtest(store, asked(trade=trade, wanted=Wanted(halts=halts))))
    assert told["without"]["liquidations"] == 0
    assert told["halted"]["liquidations"] == 1
    assert told["cost"] == pytest.approx(told["without"]["net_return"] - told["halted"]["net_return"])
    assert told["cost"] > 0


def test_a_capacity_curve_falls_where_impact_grows(tmp_path: Path) -> None:
    noisy = [100.0 * (1 + 0.01 * (-1) ** k) for k in range(49)]
    store = two_days(tmp_path, perp=noisy, spot=noisy)
    run = run_backtest(store, asked())
    level = capacity(run.gathered, run.question, [1e3, 1e6])
    assert level[0]["net_return"] == pytest.approx(level[1]["net_return"])
    # volumes are not held: what the law needs is unknown, counted as nothing, and named
    grown = capacity(run.gathered, replace(run.question, impact=Figure.assumed(1.0, "a test")), [1e3])
    assert grown[0]["unknown"] == [f"impact of {SHORT.name}", f"impact of {LONG.name}"]


def test_a_size_that_is_not_allowed_is_a_row_with_the_reason(tmp_path: Path) -> None:
    run = run_backtest(two_days(tmp_path), asked())
    rows = capacity(run.gathered, run.question, [1e3, 1e12])
    assert "the table ends at" in rows[1]["refused"]
    assert "refused" not in rows[0]


def test_names_of_what_is_missing_stay_in_the_answer(tmp_path: Path) -> None:
    store = two_days(tmp_path)
    document = run_backtest(store, asked(wanted=Wanted(end=START + 96 * HOUR))).document()
    assert any("its prices end at 2021-04-03T00:00:00Z" in line for line in document["missing"])
    assert any("is assumed to be its mark" in line for line in document["assumed"])


def test_two_legs_of_one_coin_at_other_hours_are_no_pair(tmp_path: Path) -> None:
    import random

    from perpscope.runs.history import gather
    from tests.unit.claims.held import funding, prices
    from tests.unit.runs.stocked import stocked

    walk = [100.0]
    chance = random.Random(7)  # noqa: S311 - a made price
    for _ in range(300):
        walk.append(walk[-1] * (1 + chance.gauss(0, 0.01)))
    late = stocked(
        tmp_path,
        prices("binanceusdm", PERP, START - HOUR, walk, market="linear"),
        prices("binance", SPOT, START + 3 * HOUR, walk),  # the same closes, four hours later
        funding("binanceusdm", PERP, START, [1e-4] * 36),
    )
    (lack,) = [one for one in gather(late, PAIR, Wanted()).lacks if one.kind == "clock" and "binance:" in one.asked]
    assert "stamped 4 h late" in lack.there
    assert lack.do == f"If it is so, take it off: --late {LONG.name}=4h."
    right = gather(late, PAIR, Wanted(late={LONG.name: 4.0}))
    assert not [one for one in right.lacks if one.kind == "clock"]
    assert right.histories[0].bars.trade[5] == right.histories[1].bars.trade[5]


def test_a_perpetual_of_no_venue_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughData, match="the settled funding of gate:BTC/USDT:USDT"):
        run_backtest(two_days(tmp_path), asked(trade=Trade("naked_short", (Leg("gate", PERP, "short"),))))
