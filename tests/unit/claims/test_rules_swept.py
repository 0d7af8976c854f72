"""Do the claims that run the catalogue say what its rules say, and would other rules give another answer?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.claims import interest, limits, sweep
from perpscope.claims.sweep import Ruled, Sweep, daily, every_rule, looks_elsewhere, opened
from perpscope.mechanisms.decide import Formula
from perpscope.mechanisms.window import Window
from tests.unit.claims.held import held, tried

PREMIUM = Fraction(3, 10_000)


def _of(name: str) -> Ruled:
    whole = sweep.sweep((interest.ZERO, interest.PREMIUM, interest.TWICE))
    return next(one for one in whole.ruled if one.dated.id == name)


def test_every_rule_is_swept_or_named_as_left_out() -> None:
    ran = interest.swept()
    names = [*(one.dated.id for one in ran.ruled), *ran.other_looks, *ran.unknown]
    assert sorted(names) == sorted(rule.id for rule in every_rule())
    assert len(ran.ruled) > len(venue_ids()) / 2


@pytest.mark.parametrize(
    ("name", "paid"),
    [("ftx", PREMIUM), ("binanceusdm-1", PREMIUM), ("kraken-1", 3 * PREMIUM), ("deribit-2", Fraction(3, 20_000)), ("okx-1", 3 * PREMIUM)],
)
def test_a_day_of_a_constant_premium_by_hand(name: str, paid: Fraction) -> None:
    assert _of(name).daily[1] == paid


def test_a_sweep_agrees_with_one_window_of_the_rule() -> None:
    for one in interest.swept().ruled:
        schedule = one.dated.schedule
        if one.dated.parts["each"].get("kind") or schedule is None or schedule.continuous or one.rule.settle.unit == "quote":
            continue
        hours = Fraction(schedule.step, 3_600_000)
        fixing = one.rule.fix(Window.averaged(0, schedule.step, PREMIUM, hours))
        assert Fraction(fixing.rate) / hours * 24 == one.daily[1], one.dated.id


def test_where_a_rule_looks_at_no_premium_it_is_not_given_one() -> None:
    assert looks_elsewhere(next(rule for rule in every_rule() if rule.id == "cgse"))
    assert not looks_elsewhere(next(rule for rule in every_rule() if rule.id == "ftx"))


def test_outer_limits_are_opened_and_nothing_else() -> None:
    (dated,) = load_venue("hyperliquid").at(interest.TODAY)
    assert opened(dated).but(formula=Formula()) == dated.build(sampled=True, exact=True).but(formula=Formula())
    assert opened(dated).formula.cap == float("inf")


def _only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    chosen = Sweep(tuple(_of(name) for name in names), (), ())
    monkeypatch.setattr(interest, "swept", lambda: chosen)


def test_the_premium_is_the_reason_only_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tried("F01", held()).verdict == "holds with changes"
    _only(monkeypatch, "ftx", "zeta")
    assert tried("F01", held()).verdict == "holds"
    _only(monkeypatch, "binanceusdm-1", "kraken-1")
    found = tried("F01", held())
    assert (found.verdict, found.found["by_interest_alone"]) == ("fails", 1.0)


def test_zero_gives_one_basis_point_where_the_rule_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = tried("A03", held())
    assert found.found["rate_8h"] == 0.0001
    assert found.found["exactly"] + found.found["nothing"] + found.found["something_else"] == found.found["rules"]
    assert found.verdict == "holds"
    real = interest._interest
    for silent, verdict in ((("okx",), "holds with changes"), (interest.NAMED, "fails")):
        monkeypatch.setattr(interest, "_interest", lambda venue, ms, silent=silent: 0 if venue in silent else real(venue, ms))
        assert {tried(name, held()).verdict for name in ("A02", "A03")} == {verdict}


def test_the_interest_is_a_third_of_the_day_s_and_one_venue_came_late() -> None:
    found = tried("A02", held()).found
    assert (found["apr"], found["interest_8h"], found["quote_less_base_8h"]) == (0.1095, 0.0001, 0.0001)
    assert found["okx_before_2025_04"] == 0.0
    assert found["named_venues_with_it"] == 3.0


def test_the_edges_are_sharp_and_the_printed_order_is_not_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    found = tried("C01", held())
    assert found.verdict == "holds"
    assert found.found["rate_as_printed_at_zero"] == -0.0005
    assert found.found["premiums_at_interest_as_printed"] == 1.0
    low, high = (_of("binanceusdm-1").rule, Fraction(4, 10_000)), Fraction(1, 10**12)
    assert interest._of(_of("binanceusdm-1"), -low[1]) == interest.INTEREST > interest._of(_of("binanceusdm-1"), -low[1] - high)
    _only(monkeypatch, "ftx")
    assert tried("C01", held()).verdict == "fails"


def test_a_clamp_alone_bounds_nothing_and_caps_do() -> None:
    found = tried("A10", held()).found
    assert found["clamp_alone_at_10_percent"] == pytest.approx(0.0995)
    assert (found["cap_btc"], found["cap_sol"], found["cap_low_leverage"]) == (0.003, 0.00375, 0.03)
    assert "settled_at_the_cap" not in found
    (dated,) = load_venue(limits.VENUE).at(limits.THEN)
    assert daily(dated, sweep.opened(dated), Fraction(1, 10)) == 3 * Fraction(995, 10_000)
