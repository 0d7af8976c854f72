"""Are the printed rules run on the rows of a store, by both accountings, and is it told what was not held?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from perpscope.analysis.carry.arbitrage import performance
from perpscope.analysis.carry.strategies import held_by
from perpscope.errors import InputError, NotEnoughData
from perpscope.runs.history import Wanted, gather
from perpscope.runs.printed_rules import Question, coins_of, looks_of, rules_answer
from perpscope.trading.examples.printed_rules import printed_rules
from tests.unit.runs.hourly import HOURS, lending, made

if TYPE_CHECKING:
    from pathlib import Path

HE = printed_rules("he")


def test_ours_by_the_papers_accounting_is_the_shared_one_and_the_full_one_stands_beside(tmp_path: Path) -> None:
    store = made(tmp_path)
    found = rules_answer(store, HE, Question(("BTC",), timings=("same",)))
    by = {(row["strategy"], row["tier"]): row for row in found["rows"]}
    assert set(by) == {("correct", tier) for tier in ("no", "low", "medium", "high")} | {
        (r, "no") for r in ("no_clamp", "long_only", "carry")
    }
    read = gather(store, HE.trade("BTC", 2), Wanted(HE.start, HE.end, bar_hours=1.0))
    looks, _ = looks_of(store, read, HE, Question(("BTC",)), "BTC")
    plain = performance(looks, held_by("correct", looks, HE.terms, HE.tiers["low"].opens), HE.tiers["low"].once)
    assert by["correct", "low"]["paper"]["sharpe"] == pytest.approx(plain.sharpe)
    assert by["carry", "no"]["full_same"]["trades"] == 1
    assert by["carry", "no"]["full_same"]["return_1y"] == pytest.approx(by["carry", "no"]["paper"]["return_1y"], rel=0.2)
    assert by["correct", "no"]["printed"] == {"sharpe": 11.65}
    assert "full_next" not in by["carry", "no"]


def test_what_of_the_window_is_not_held_is_told(tmp_path: Path) -> None:
    about = rules_answer(made(tmp_path), HE, Question(("BTC",), timings=()))["coins"]["BTC"]
    assert about["not_held"] == ["2020-01-08 to 2022-03-01", "2022-03-11 to 2024-03-12"]
    assert about["hours"] == HOURS
    assert about["carry"]["status"] == "inferred"
    assert "store lacks borrow rates of aave" in about["carry"]["source"]


def test_the_carry_is_given_or_measured_or_inferred(tmp_path: Path) -> None:
    rates = [lending(asset, 0.02 + 0.01 * k) for k, asset in enumerate(("USDT", "USDC", "DAI"))]
    store = made(tmp_path, *rates)
    measured = rules_answer(store, HE, Question(("BTC",), timings=()))["coins"]["BTC"]["carry"]
    assert (measured["status"], measured["rate"]) == ("measured", pytest.approx(0.03))
    given = rules_answer(store, HE, Question(("BTC",), carry=0.0, timings=()))["coins"]["BTC"]["carry"]
    assert given == {"rate": 0.0, "status": "given"}


def test_a_rule_that_never_trades_says_so(tmp_path: Path) -> None:
    rows = rules_answer(made(tmp_path), HE, Question(("BTC",), timings=()))["rows"]
    silent = [row for row in rows if row["paper"] is None]
    assert [row["tier"] for row in silent] == ["high"]
    assert "active hours" in silent[0]["why_null"]


def test_misuse(tmp_path: Path) -> None:
    assert coins_of(HE, ["btc", "ETH", "BTC"]) == ("BTC", "ETH")
    with pytest.raises(InputError, match="XRP is not printed"):
        coins_of(HE, ["xrp"])
    with pytest.raises(InputError, match="no coin"):
        Question(())
    with pytest.raises(InputError, match="fraction a year"):
        Question(("BTC",), carry=float("nan"))
    with pytest.raises(NotEnoughData, match="DOGE"):
        rules_answer(made(tmp_path), HE, Question(("DOGE",)))
