"""Is each settlement paid in the bar whose time crosses its stamp, whatever the bar's label?"""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest

from perpscope.bridges.bars import Edge, with_payments, with_settlements
from perpscope.bridges.events import FundingEvents, funding_events
from perpscope.bridges.vectorbt import funding_orders
from perpscope.errors import InputError
from perpscope.market.contract import Contract
from perpscope.market.funding import Payment, Position, PublishedFixing
from perpscope.market.time import to_ms
from perpscope.trading.settle import settle

DAY = to_ms("2024-05-01T00:00:00Z")
HOUR = 3_600_000
SYMBOL = "BTC/USDT:USDT"


def events(hours: tuple[int, ...] = (8, 16, 24), *, price: float | None = 60_000, symbol: str = SYMBOL) -> FundingEvents:
    rates = {8: 0.0001, 16: -0.0003, 24: 0.0002}
    rows = [PublishedFixing("okx", symbol, DAY + h * HOUR, rates[h], 8, price) for h in hours]
    return funding_events(rows, DAY + (hours[0] - 8) * HOUR, DAY + hours[-1] * HOUR)


def bars(hours: float, until: float = 32) -> pl.DataFrame:
    opens = list(range(DAY, DAY + round(until * HOUR), round(hours * HOUR)))
    return pl.DataFrame({"ts": opens}).with_columns(pl.col("ts").cast(pl.Datetime("ms", "UTC")), bar_hours=float(hours))


def paid() -> list[Payment]:
    return list(settle([Position("me", "okx", SYMBOL, DAY, 2)], events().fixings()).payments)


@pytest.mark.parametrize(
    ("hours", "edge", "counts"),
    [
        (24, "close", [3, 0]),
        (24, "open", [2, 1]),
        (12, "close", [1, 2, 0]),
        (12, "open", [1, 1, 1]),
        (6, "close", [0, 1, 1, 1, 0, 0]),
        (6, "open", [0, 1, 1, 0, 1, 0]),
        (8, "close", [1, 1, 1, 0]),
        (8, "open", [0, 1, 1, 1]),
    ],
)
def test_a_bar_settles_as_often_as_it_crosses_a_stamp(hours: float, edge: Edge, counts: list[int]) -> None:
    assert with_settlements(bars(hours), events(), edge=edge)["settlements"].to_list() == counts


def test_a_daily_bar_holds_the_sum_of_its_three_settlements() -> None:
    day = with_settlements(bars(24), events()).row(0, named=True)
    assert day["funding_rate_sum"] == pytest.approx(0.0, abs=1e-19)  # 0.0001 - 0.0003 + 0.0002 in doubles, within a unit in the last place
    assert day["settled_at"].timestamp() * 1000 == DAY + 24 * HOUR


def test_what_a_contract_owes_follows_its_payoff() -> None:
    linear = with_settlements(bars(8), events(), contract=Contract("linear", "USDT", Fraction(1, 100)))
    assert linear["funding_per_contract"].to_list() == pytest.approx([0.06, -0.18, 0.12, 0.0], rel=1e-15)
    inverse = with_settlements(bars(8), events(symbol="BTC/USD:BTC"), contract=Contract("inverse", "BTC", 100))
    assert inverse["funding_per_contract"].to_list() == pytest.approx([0.01 / 60_000, -0.03 / 60_000, 0.02 / 60_000, 0.0], rel=1e-15)


def test_a_missing_price_leaves_the_bar_without_an_amount() -> None:
    found = with_settlements(bars(8), events(price=None))
    assert found["funding_per_contract"].to_list() == [None, None, None, 0.0]
    assert found["settlements"].to_list() == [1, 1, 1, 0]


@pytest.mark.parametrize("hours", [0.5, 1, 5, 6, 8, 12, 24])
def test_payments_sum_to_the_total_on_bars_of_every_length(hours: float) -> None:
    placed = with_payments(bars(hours), paid())
    assert placed["funding_amount"].sum() == pytest.approx(-12.0 + 36.0 - 24.0, abs=1e-14)  # three sums in doubles below 64


def test_nothing_is_known_before_the_bar_that_it_is_in_has_closed() -> None:
    """Cut off the future and the past does not change."""
    whole = with_payments(bars(1), paid())
    for until in (8, 16, 24):
        known = [one for one in paid() if one.at <= DAY + until * HOUR]
        assert with_payments(bars(1, until), known).equals(whole.head(until))


def test_a_settlement_in_a_hole_between_bars_is_not_lost_silently() -> None:
    torn = bars(1).filter((pl.col("ts").dt.hour() != 15) | (pl.col("ts").dt.day() != 1))
    with pytest.raises(InputError, match="the settlement at 2024-05-01T16:00:00Z is in none"):
        with_payments(torn, paid())
    with pytest.raises(InputError, match="is in none"):
        with_settlements(torn, events())


def test_payments_outside_all_bars_are_refused() -> None:
    with pytest.raises(InputError, match="1 payments outside all bars, first at 2024-05-02T00:00:00Z"):
        with_payments(bars(1, 23), paid())


def test_settlements_outside_the_bars_belong_to_none_of_them() -> None:
    assert with_settlements(bars(24, 24), events(), edge="open")["settlements"].to_list() == [2]
    assert with_settlements(bars(24, 24), events(), edge="close")["settlements"].to_list() == [3]
    assert with_settlements(bars(1, 9), events())["settlements"].sum() == 1


def test_bars_that_overlap_or_have_no_length_are_refused() -> None:
    with pytest.raises(InputError, match="opens before"):
        with_payments(bars(1), paid(), bar_hours=2)
    with pytest.raises(InputError, match="give bar_hours"):
        with_payments(bars(1).drop("bar_hours"), paid())


def test_an_unknown_edge_and_payments_in_two_assets_are_refused() -> None:
    with pytest.raises(InputError, match="Give one of close, open"):
        with_payments(bars(1), paid(), edge="middle")  # type: ignore[arg-type]  # wrong on purpose
    other = settle([Position("me", "okx", "BTC/USD:BTC", DAY, 2)], events(symbol="BTC/USD:BTC").fixings()).payments
    with pytest.raises(InputError, match="several assets: BTC, USDT"):
        with_payments(bars(1), [*paid(), *other])


def test_funding_that_accrues_has_no_instant_in_a_bar() -> None:
    rows = [PublishedFixing("deribit", SYMBOL, DAY + HOUR, 0.0001, 1, 60_000, "continuous")]
    with pytest.raises(InputError, match="accrues between stamps"):
        with_settlements(bars(1), funding_events(rows, DAY, DAY + HOUR))


def test_the_funding_column_sells_what_is_received_and_buys_what_is_paid() -> None:
    orders = funding_orders(bars(8), paid())
    assert orders.columns == ["ts", "quantity", "order_price", "close"]
    assert orders["quantity"].to_list() == pytest.approx([12.0, -36.0, 24.0, 0.0], rel=1e-15)
    assert set(orders["order_price"]) == {1.0}
    assert set(orders["close"]) == {0.0}
