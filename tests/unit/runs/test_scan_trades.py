"""Which trades does a scan form, which way round, and what do they stand on?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from perpscope.catalogue.tariff_file import read_costs
from perpscope.runs.contracts import Margins
from perpscope.trading.scan.told import brief
from tests.unit.claims.held import funding, prices
from tests.unit.runs.scanned import DAY, END, LINEAR, SPOT, START, asked, constant, lines, named, store_of, three

if TYPE_CHECKING:
    from pathlib import Path


def approx(value: float) -> Any:  # noqa: ANN401 - pytest's
    return pytest.approx(value, rel=1e-9)


def test_cash_and_carry_takes_spot_of_the_store_and_pays_it_in_full(tmp_path: Path) -> None:
    """Gross 0.1095; cost 2 x 5 + 2 x 10 + 4 x 1 = 34 bp; capital 1 + 1/3."""
    row = named(lines(store_of(tmp_path)), "short binanceusdm", "long binance")
    assert row["kind"] == "cash_and_carry"
    assert (row["gross_apr"], row["cost_bp"], row["capital"]) == (approx(0.1095), approx(34), approx(4 / 3))
    assert row["net_apr_capital"] == approx((0.1095 - 0.0034 * 365 / 30) * 3 / 4)
    assert row["legs"][1]["payoff"] == "spot"
    assert not any("assumed to trade" in text for text in row["assumed"])


def test_spot_that_the_store_does_not_hold_is_offered_and_said_to_be_assumed(tmp_path: Path) -> None:
    rows = lines(store_of(tmp_path, *three()[:3]))
    row = named(rows, "short binanceusdm", "long binance")
    assert any("binance is assumed to trade BTC/USDT" in text for text in row["assumed"])
    assert row["legs"][1]["on_record"] is False
    assert "spot?" in brief(row)[""]
    held = named(lines(store_of(tmp_path / "held")), "short binanceusdm", "long binance")
    assert (held["legs"][1]["on_record"], brief(held)[""]) == (True, "")


def test_negative_rates_make_the_reverse_and_borrowing_costs_by_the_year(tmp_path: Path) -> None:
    """Long a contract of -1e-4 per 8 h, short spot: gross 0.1095, 2 % borrowed a year; net 0.1095 - 0.02 - 0.0034 x 365 / 30."""
    store = store_of(tmp_path, constant("binanceusdm", LINEAR, -1e-4, 8))
    row = named(lines(store), "long binanceusdm", "short binance")
    assert row["kind"] == "reverse_carry"
    assert (row["gross_apr"], row["hold_apr"]) == (approx(0.1095), approx(0.02))
    assert row["net_apr_notional"] == approx(0.1095 - 0.02 - 0.0034 * 365 / 30)
    assert row["breakeven_days"] == approx(0.0034 * 365 / 0.0895)
    assert row["liquidation_move"] == approx((2 / 3) / 0.995 - 1)
    unsecured = named(lines(store, margins=Margins()), "long binanceusdm", "short binance")
    assert unsecured["liquidation_move"] is None
    assert "the maintenance of a loan of coins is not on record" in unsecured["why_null"]["liquidation_move"]


def test_payoffs_of_all_kinds_meet_and_the_coins_of_an_inverse_contract_hedge_it(tmp_path: Path) -> None:
    """A short inverse contract at leverage 3 holds a third of its notional in coins: two thirds of spot are left to buy."""
    store = store_of(tmp_path, constant("bitmex", "BTC/USD:BTC", 2e-4, 8), constant("binanceusdm", LINEAR, 1e-4, 8))
    rows = lines(store)
    pair = named(rows, "short bitmex", "long binanceusdm")
    assert {leg["venue"]: leg["payoff"] for leg in pair["legs"]} == {"bitmex": "inverse", "binanceusdm": "linear"}
    assert any("convex" in note for note in pair["notes"])
    bought = "the coins of the margin of bitmex:BTC/USD:BTC are bought and sold at no cost (assumed)"
    assert f"{bought}, and the price of those coins, 33% of the notional, is not hedged" in pair["assumed"]
    assert bought in named(rows, "short bitmex", "long bitmex")["assumed"]
    carry = named(rows, "short bitmex", "long bitmex")
    assert carry["legs"][1]["ratio"] == approx(2 / 3)
    assert carry["capital"] == approx(1)


def test_a_deliverable_contract_against_a_cash_settled_one_is_its_own_kind(tmp_path: Path) -> None:
    start = START - 5 * 365 * DAY
    store = store_of(
        tmp_path, constant("coinflex", "BTC/USD:USD", 2e-5, 1, start=start), constant("binanceusdm", LINEAR, 1e-4, 8, start=start)
    )
    assert named(lines(store), "short coinflex", "long binanceusdm")["kind"] == "deliverable_cash"


def test_a_dated_future_locks_its_basis_to_the_expiry(tmp_path: Path) -> None:
    """Future 103, spot 100, 73 days and 8 h to 2026-06-23 08:00: the perpetual's 10.95 % against a basis of 0.03 x 365 / 73.333 days.

    Cost: two fills of the perpetual of 6 + 1 bp, one of the future of 5 + 1, and its delivery of 2: 22 bp. Nobody trades out of it.
    """
    future = prices("binanceusdm", "BTC/USDT:USDT-260623", END - DAY, [103.0] * 24, market="dated")
    spot = prices("binance", SPOT, END - DAY, [100.0] * 24)
    store = store_of(tmp_path, constant("bybit", LINEAR, 1e-4, 8), future, spot)
    kinds = ("perp_dated",)
    (unknown,) = lines(store, kinds=kinds)
    assert unknown["cost_bp"] is None
    assert "delivery" in unknown["why_null"]["cost_bp"]
    given = (*asked().given, *read_costs('[[delivery]]\nvenue = "binanceusdm"\nfee_bp = 2'))
    row = named(lines(store, kinds=kinds, given=given), "long bybit", "short binanceusdm")
    days = 73 + 8 / 24
    basis = 0.03 * 365 / days
    assert row["gross_apr"] == approx(basis - 0.1095)
    assert row["hold_days"] == approx(days)
    assert row["lock_apr"] == approx(basis)
    assert row["cost_bp"] == approx(22)
    assert row["net_apr_notional"] == approx(basis - 0.1095 - 0.0022 * 365 / days)
    back = named(lines(store, kinds=kinds, given=given, terms={"both_ways": True}), "short bybit", "long binanceusdm")
    assert back["gross_apr"] == approx(0.1095 - basis)


def test_what_is_expected_of_a_dated_trade_is_over_the_days_to_its_expiry(tmp_path: Path) -> None:
    """Rates that follow themselves: over 73 days less is left of a good last day than over 30."""
    wave = [1e-4 * (1 + (k // 30 % 2)) for k in range(300)]
    future = prices("binanceusdm", "BTC/USDT:USDT-260623", END - DAY, [100.5] * 24, market="dated")
    spot = prices("binance", SPOT, END - DAY, [100.0] * 24)
    rows = lines(store_of(tmp_path, funding("bybit", LINEAR, START, wave), future, spot), terms={"naked": True, "hold": 73})
    dated, naked = named(rows, "short bybit", "long binanceusdm"), named(rows, "short bybit")
    assert dated["expected_apr"] == pytest.approx(naked["expected_apr"] + dated["lock_apr"], abs=1e-12)
    month = named(lines(store_of(tmp_path / "m", funding("bybit", LINEAR, START, wave), future, spot)), "short bybit", "long binanceusdm")
    assert month["expected_apr"] == approx(dated["expected_apr"])


def test_contrast_and_turning_round_are_shown_when_asked(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    plain, more = lines(store), lines(store, terms={"naked": True, "both_ways": True})
    assert {row["kind"] for row in plain} == {"perp_perp", "cash_and_carry"}
    assert {row["kind"] for row in more} == {"perp_perp", "cash_and_carry", "reverse_carry", "naked_short", "naked_long"}
    there, back = named(more, "short binanceusdm", "long bybit"), named(more, "long binanceusdm", "short bybit")
    assert there["gross_apr"] == approx(-back["gross_apr"])
    assert back["breakeven_days"] is None
    assert back["why_null"]["breakeven_days"].startswith("never")
    assert (back["p_positive"], back["grey"]) == (0.0, True)


def test_trades_that_are_ranked_by_what_is_expected_are_turned_to_what_is_expected(tmp_path: Path) -> None:
    """Seventy days of +3 and -1, thirty of +1 and -3: the last month was negative, but days turn round at once, and their mean is not."""
    by_day = [3, -1] * 35 + [1, -3] * 15
    store = store_of(tmp_path, funding("binanceusdm", LINEAR, START, [1e-5 * by_day[k // 3] for k in range(300)]))
    realised = named(lines(store), "long binanceusdm", "short binance")
    assert realised["gross_apr"] == approx(1e-5 * 3 * 365)
    expected = named(lines(store, terms={"by": "expected"}), "short binanceusdm", "long binance")
    assert expected["gross_apr"] == approx(-realised["expected_apr"])
    assert expected["gross_apr"] > 0


def test_a_quanto_is_liquidated_where_the_price_of_its_settle_asset_is_known(tmp_path: Path) -> None:
    """Long at leverage 3 with a maintenance of 0.5 %: (1 - 1/3) / 0.995 - 1, as a linear contract, whatever the coin it is paid in does."""
    coin = prices("binance", SPOT, END - DAY, [50_000.0] * 24)
    ether = prices("binance", "ETH/USDT", END - DAY, [2_000.0] * 24)
    frames = (constant("bitmex", "ETH/USD:BTC", -1e-4, 8, native_id="ETHUSD"), constant("bybit", "ETH/USDT:USDT", 1e-4, 8), ether)
    row = named(lines(store_of(tmp_path / "a", *frames, coin)), "long bitmex", "short bybit")
    moves = {leg["leg"]: leg["move"] for leg in row["liquidation"]["legs"]}
    assert moves["bitmex:ETH/USD:BTC"] == approx((2 / 3) / 0.995 - 1)
    assert any("is a quanto" in note for note in row["notes"])
    lone = named(lines(store_of(tmp_path / "b", *frames)), "long bitmex", "short bybit")
    assert "no price of BTC, in which it settles, is known" in lone["why_null"]["liquidation_move"]
