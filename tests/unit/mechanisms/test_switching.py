"""Does an interval change when, and only when, the venue's rule says so?"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.catalogue.load import load_venue
from perpscope.errors import InputError
from perpscope.market.time import to_ms
from perpscope.mechanisms.switching import Switching

BOTH = Switching(at_limit=1, calm_rate=Fraction(25, 100_000), calm_payments=16, after_calm=4)
CALM = [Fraction(2, 10_000)] * 16


@pytest.mark.parametrize(
    ("hours", "rates", "expected"),
    [
        (8, [0.003], 1),
        (4, [-0.003], 1),
        (8, [0.00299], 8),
        (8, [0.003, 0.0029], 8),
        (1, [0.003], 1),
    ],
)
def test_a_payment_at_a_limit_shortens_the_interval(hours: int, rates: list[float], expected: int) -> None:
    assert BOTH.next_hours(hours, rates, -0.003, 0.003) == expected


def test_a_row_of_calm_payments_lengthens_it_again() -> None:
    assert BOTH.next_hours(1, CALM) == 4
    assert BOTH.next_hours(1, CALM[1:]) == 1
    assert BOTH.next_hours(1, [*CALM[1:], Fraction(26, 100_000)]) == 1
    assert BOTH.next_hours(1, [Fraction(1), *(-rate for rate in CALM)]) == 4
    assert BOTH.next_hours(2, CALM) == 2


def test_where_the_way_back_is_not_published_nothing_lengthens_it() -> None:
    assert Switching(at_limit=1).next_hours(1, [0.0] * 1000) == 1
    assert Switching().next_hours(8, [9.0], -1, 1) == 8


@pytest.mark.parametrize(("hours", "rates"), [(8, []), (0, [0.1]), (-1, [0.1])])
def test_no_payment_and_no_interval_are_refused(hours: int, rates: list[float]) -> None:
    with pytest.raises(InputError, match="a change of interval"):
        BOTH.next_hours(hours, rates)


@given(
    st.sampled_from([1, 2, 4, 8]),
    st.lists(st.fractions(-1, 1, max_denominator=1000), min_size=1, max_size=40),
    st.fractions(0, 1, max_denominator=1000),
)
def test_signs_do_not_matter_and_what_is_long_past_neither(hours: int, rates: list[Fraction], cap: Fraction) -> None:
    found = BOTH.next_hours(hours, rates, -cap, cap)
    assert found in {1, 4, hours}
    assert BOTH.next_hours(hours, [-rate for rate in rates], -cap, cap) == found
    assert BOTH.next_hours(hours, rates[-16:], -cap, cap) == found


@pytest.mark.parametrize(
    ("venue", "contract", "moment", "hours", "expected"),
    [
        ("binanceusdm", "BTCUSDT", "2025-05-02T07:59:59Z", 8, Switching()),
        ("binanceusdm", "BTCUSDT", "2025-05-02T08:00:00Z", 8, Switching(1)),
        ("binanceusdm", "BTCUSDT", "2025-09-01T00:00:00Z", 1, Switching(1, Fraction(2, 100_000), 36, 4)),
        ("binanceusdm", "", "2026-01-02T12:00:00Z", 1, Switching(1, Fraction(25, 100_000), 16, 4)),
        ("bybit", "INJUSDT", "2025-10-30T07:59:59Z", 8, Switching()),
        ("bybit", "INJUSDT", "2025-10-30T08:00:00Z", 8, Switching(1)),
        ("bybit", "ETHUSDT", "2025-10-30T08:00:00Z", 8, Switching(0)),
        ("okx", "BTC-USDT-SWAP", "2026-01-01T00:00:00Z", 8, None),
        ("okx", "BTC-USDT-SWAP", "2026-04-15T00:00:00Z", 8, Switching(4)),
        ("okx", "BTC-USDT-SWAP", "2026-04-15T00:00:00Z", 2, Switching(1)),
        ("okx", "BTC-USDT-SWAP", "2026-04-15T00:00:00Z", 1, Switching(1)),
        ("gate", "BTC_USDT", "2026-05-27T08:00:00Z", 8, Switching(1, Fraction(25, 100_000), 16, 4)),
        ("gate", "BTC_USDT", "2026-05-01T00:00:00Z", 8, None),
    ],
)
def test_what_each_venue_did_is_dated(venue: str, contract: str, moment: str, hours: int, expected: Switching | None) -> None:
    found = load_venue(venue).switching(contract, to_ms(moment), hours)
    assert found == expected
    assert bool(load_venue(venue).source_of("hours_at_limit", contract, to_ms(moment))) == (expected is not None)
