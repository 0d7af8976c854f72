"""Does every rule of the catalogue either settle a history of premiums, its difference told to the last digit, or say why it cannot?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.audit.paid.laws import ChangedLaw, own_law, premium_of, read_changes
from perpscope.audit.paid.other import NOT_REPRODUCED, compare
from perpscope.audit.paid.run import Paid
from perpscope.catalogue.load import venue_ids
from perpscope.errors import CatalogueError, InputError, NotEnoughData, PerpscopeError
from perpscope.market.number import INF
from perpscope.market.time import to_ms
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.observe import Observe
from perpscope.mechanisms.reduce import Mean
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.sample import WholeFormula
from perpscope.trading.counterfactual import PARTS, Regime
from tests.unit.audit.paying import Row, fixing, held, paid

PREMIUMS = [Fraction(k % 7 - 2, 2000) for k in range(20)]
MAY = to_ms("2024-05-01T08:00:00Z")


def hourly(hour: int, premium: Fraction) -> Row:
    """One hour by the rule of the venue: P pulled to 0.0001 by 0.0005 at most, an eighth of it."""
    pulled = premium + max(min(Fraction("0.0001") - premium, Fraction("0.0005")), -Fraction("0.0005"))
    at = f"2024-05-0{1 + hour // 24}T{hour % 24:02}:00:00Z"
    return fixing(at, str(float(pulled / 8)), 1, "60000", "hyperliquid", "BTC", premium=str(float(premium)))


@pytest.fixture(scope="module")
def history() -> Paid:
    rows = [hourly(hour, premium) for hour, premium in enumerate(PREMIUMS, start=1)]
    return paid([held("00:00", "2", "hyperliquid", "BTC"), held("10:30", "-3", "hyperliquid", "BTC")], rows)


REFUSALS = (
    "not at a premium",
    "is no average",
    "is unknown",
    "no rule of it is on record",  # of venues that pay no funding
    "a rule of ",  # of no rule for that time, or a venue that had closed
    "hold none of its windows",  # of a rule that decides once a day
)


@pytest.mark.parametrize("venue", [venue for venue in venue_ids() if venue != "bitcom"])  # ten-second stamps: 7,200 windows for nothing new
def test_every_venue_settles_exactly_or_says_why_not(history: Paid, venue: str) -> None:
    try:
        found = compare(history, venue)
    except PerpscopeError as problem:
        assert any(words in str(problem) for words in REFUSALS)  # noqa: PT017 - which of two good ends it is, the venue decides
        return
    parts = found.by_part.get(("me", "USDC"), {})
    assert set(parts) <= {NOT_REPRODUCED, *PARTS}
    assert sum(parts.values()) == found.other.totals["USDC"] - history.settled.totals["USDC"]
    assert NOT_REPRODUCED not in parts
    assert found.notes


def test_the_own_rule_is_the_own_run(history: Paid) -> None:
    found = compare(history, "hyperliquid")
    assert [p.amount for p in found.other.payments] == [p.amount for p in history.settled.payments]
    assert found.by_part == {}


@pytest.mark.parametrize(
    ("change", "part", "rate"),
    [
        ("damper=0", "clamp", Fraction("0.0001875")),
        ("damper=inf", "clamp", Fraction("0.0000125")),
        ("interest=0", "interest", Fraction("0.000125")),
        ("cap=0.00001", "caps", Fraction("0.00001")),
        ("times=2", "multiplier", Fraction("0.00025")),
        ("decimals=4", "rounding", Fraction("0.0001")),
    ],
)
def test_a_change_is_told_by_its_own_part(change: str, part: str, rate: Fraction) -> None:
    """One hour at a premium of 0.0015: (0.0015 - 0.0005) / 8 = 0.000125 by the own rule; a cap is one for an hour."""
    run = paid([held("00:00", "1", "hyperliquid", "BTC")], [hourly(1, Fraction("0.0015"))])
    found = compare(run, changes=read_changes((change,)))
    assert [p.rate for p in found.other.payments] == [rate]
    assert set(found.by_part.get(("me", "USDC"), {})) == ({part} if rate != Fraction("0.000125") else set())


def test_changes_join_another_rule(history: Paid) -> None:
    both = compare(history, "binanceusdm", read_changes(("interval_hours=4", "interest=0")))
    assert {p.interval_hours for p in both.other.payments} == {4}
    assert {"interval", "interest"} <= set(both.by_part["me", "USDC"])


def test_numbers_of_a_contract_are_those_of_each_time() -> None:
    """SOLUSDT: maintenance margins of 2 % in December 2022 and 1 % in March 2023; the cap is three quarters of it."""
    law = own_law(("binanceusdm", "SOL/USDT:USDT"))
    caps = [law(to_ms(f"{day}T08:00:00Z")).rule.formula.cap for day in ("2022-12-01", "2023-03-01")]
    assert caps == [Fraction("0.015"), Fraction("0.0075")]


def test_a_history_too_short_for_any_window(history: Paid) -> None:
    run = paid([held("00:00", "1", "hyperliquid", "BTC")], [hourly(hour, Fraction(0)) for hour in (1, 2, 3)])
    with pytest.raises(NotEnoughData, match="3 h of history hold none of its windows"):
        compare(run, "binanceusdm")
    assert "8 h" not in " ".join(history.notes)


def test_nothing_asked_is_nothing_compared(history: Paid) -> None:
    with pytest.raises(InputError, match="neither another venue nor a change"):
        compare(history)


def test_a_cap_bounds_both_sides_and_words_stand_for_none() -> None:
    assert read_changes(("cap=0.01",)) == {"cap": Fraction("0.01"), "floor": Fraction("-0.01")}
    assert read_changes(("cap=0.01", "floor=0")) == {"cap": Fraction("0.01"), "floor": 0}
    assert read_changes(("cap=none", "damper=1/2000")) == {"cap": INF, "floor": -INF, "damper": Fraction(1, 2000)}


def test_where_each_sample_is_clamped_the_change_goes_there() -> None:
    law = own_law(("deribit", "BTC/USD:BTC"))
    changed = ChangedLaw(
        law, {"damper": Fraction("0.0001"), "interest": Fraction("0.0002"), "cap": Fraction("0.001"), "floor": -Fraction("0.001")}
    )
    rule = changed(MAY).rule
    assert rule.each == WholeFormula(Fraction("0.0002"), Fraction("0.0001"), Fraction("0.001"))
    assert (rule.formula.cap, rule.formula.damper) == (Fraction("0.001"), law(MAY).rule.formula.damper)


CLAMPED = Regime(
    Rule(Observe("impact_band"), Mean(), Formula(period=8, interest=Fraction("0.0001"), damper=Fraction("0.0005"), decimals=8))
)


@pytest.mark.parametrize(("rate", "premium"), [("0.0004", "0.0009"), ("-0.0003", "-0.0008"), ("0.00010002", "0.00060002")])
def test_a_steep_rate_has_one_premium(rate: str, premium: str) -> None:
    # the outer pieces of the formula are measured in doubles out to a premium of 100: 100 x 2^-53 is 1.1e-14
    assert abs(Fraction(premium_of(CLAMPED, Fraction(rate), 8)) - Fraction(premium)) < Fraction(2, 10**14)


@pytest.mark.parametrize("rate", ["0.0001", "0.000100004"])
def test_a_flat_rate_has_many(rate: str) -> None:
    with pytest.raises(CatalogueError, match="many premiums lead to it"):
        premium_of(CLAMPED, Fraction(rate), 8)


def test_where_each_sample_is_clamped_no_rate_tells_the_premium() -> None:
    rule = CLAMPED.rule.but(each=WholeFormula(0, Fraction("0.0005")), formula=Formula(period=8))
    with pytest.raises(CatalogueError, match="the rule clamps each sample"):
        premium_of(Regime(rule), Fraction("0.0004"), 8)
