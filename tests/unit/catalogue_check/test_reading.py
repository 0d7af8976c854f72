"""Are names, dates and venue lines read as people write them, and left unread where they mean nothing?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.catalogue.check.compare import decimal_text
from perpscope.catalogue.check.dates import moment_in, turn_in
from perpscope.catalogue.check.facts import Lacking, number, read_facts
from perpscope.catalogue.check.mentions import mentions
from perpscope.catalogue.check.money import direction
from perpscope.catalogue.check.names import input_meaning, output_meaning
from perpscope.catalogue.check.outputs import DERIVATIONS
from perpscope.catalogue.check.words import INPUTS, OUTPUTS
from perpscope.market.number import INF
from perpscope.market.time import to_text


@pytest.mark.parametrize(
    ("name", "concept", "per", "scale"),
    [
        ("avg_premium", "average", None, 1),
        ("average_premium_4h", "average", 4, 1),
        ("avgPremium", "average", None, 1),
        ("avg-premium", "average", None, 1),
        ("premium_bp", "premium", None, Fraction(1, 10_000)),
        ("premium_rate_pct", "premium", None, Fraction(1, 100)),
        ("interest_8h", "interest", 8, 1),
        ("hourly_interest", "interest", 1, 1),
        ("interest_per_day", "interest", 24, 1),
        ("interest_per_interval", "interest", 0, 1),
        ("interest_quote_per_day", "interest_quote", 24, 1),
        ("cap_ppm_8h", "cap", 8, Fraction(1, 1_000_000)),
        ("adjustedFundingRateCap", "cap", None, 1),
        ("uncapped_hourly", "uncapped", 1, 1),
        ("N", "interval_hours", None, 1),
        ("n", "divisor", None, 1),
        ("relativeFundingRate", "relative_rate", None, 1),
        ("damper_assumed", "damper", None, 1),
        ("IMR", "initial_margin", None, 1),
    ],
)
def test_inputs(name: str, concept: str, per: int | None, scale: Fraction) -> None:
    found = input_meaning(name)
    assert found is not None
    assert (found.concept, found.per, found.scale) == (concept, per, scale)


@pytest.mark.parametrize(
    ("name", "concept", "per", "hours", "variants"),
    [
        ("funding_rate", "rate", None, None, set()),
        ("hourly_rate", "rate", 1, None, set()),
        ("funding_rate_8h", "rate", 8, None, set()),
        ("rate_per_day", "rate", 24, None, set()),
        ("max_per_day_2h", "cap", 24, 2, set()),
        ("cap_per_interval", "cap", 0, None, set()),
        ("cap_before", "cap", None, None, {"before"}),
        ("avg_linear", "average", None, None, {"linear"}),
        ("rate_simple", "rate", None, None, {"simple"}),
        ("premium_main_rule", "premium", None, None, {"main"}),
        ("total_over_8h", "total", 8, None, set()),
        ("per_minute_bp", "per_sample", None, None, set()),
        ("apr", "apr", None, None, set()),
    ],
)
def test_outputs(name: str, concept: str, per: int | None, hours: int | None, variants: set[str]) -> None:
    found = output_meaning(name)
    assert found is not None
    assert (found.concept, found.per, found.hours, set(found.variants)) == (concept, per, hours, variants)


@pytest.mark.parametrize("name", ["mystery", "impact_bid_minus_mark", "max_velocity", "premiumish", "rate_per_lunation"])
def test_names_without_a_meaning(name: str) -> None:
    assert input_meaning(name) is None


@pytest.mark.parametrize("name", ["hourly_payment_usdc", "funding_paid_btc", "funding_received", "long_pays_usd", "settle_Alice"])
def test_payments(name: str) -> None:
    meaning = output_meaning(name)
    assert meaning is not None
    assert meaning.concept == "payment"


@pytest.mark.parametrize("name", ["funding_rate", "payer", "interest_per_day", "cap", "settlement_interval_hours"])
def test_what_is_no_payment(name: str) -> None:
    meaning = output_meaning(name)
    assert meaning is None or meaning.concept != "payment"


@pytest.mark.parametrize(
    ("name", "way"), [("funding_received", 1), ("pnl_usdc", 1), ("settle_Bob", 1), ("long_pays_usd", -1), ("fee_usd", -1), ("payment", 0)]
)
def test_whether_money_paid_counts_as_positive(name: str, way: int) -> None:
    assert direction(name) == way


def test_every_word_leads_somewhere() -> None:
    assert set(OUTPUTS.values()) == set(DERIVATIONS)
    assert all(input_meaning(name) is not None for name in INPUTS)
    assert all(output_meaning(name) is not None for name in OUTPUTS)


@pytest.mark.parametrize(
    ("text", "moment", "turn"),
    [
        ("before 2022-09-29 12:00 UTC", "2022-09-29T11:59:59.999Z", "2022-09-29T12:00:00Z"),
        ("since 2025-09-18 08:01 UTC", "2025-09-18T08:01:00Z", "2025-09-18T08:01:00Z"),
        ("2025-09-22", "2025-09-22T23:59:59.999Z", "2025-09-22T00:00:00Z"),
        ("2025 formula", "2025-12-31T23:59:59.999Z", "2025-01-01T00:00:00Z"),
        ("2019-02", "2019-02-28T23:59:59.999Z", "2019-02-01T00:00:00Z"),
        ("from 31 Jan 2023", "2023-01-31T23:59:59.999Z", "2023-01-31T00:00:00Z"),
        ("since June 3, 2019", "2019-06-03T23:59:59.999Z", "2019-06-03T00:00:00Z"),
        ("until June 2016", "2016-05-31T23:59:59.999Z", "2016-06-01T00:00:00Z"),
        ("2021-23", "2021-12-31T23:59:59.999Z", "2021-01-01T00:00:00Z"),
        ("2026-05-27 16:00 UTC+8", "2026-05-27T08:00:00Z", "2026-05-27T08:00:00Z"),
        ("2022-03-22T16:00:00Z", "2022-03-22T16:00:00Z", "2022-03-22T16:00:00Z"),
    ],
)
def test_dates(text: str, moment: str, turn: str) -> None:
    found, rest = moment_in(text)
    assert found is not None
    assert to_text(found) == moment
    assert not any(digit in rest for digit in "0123456789")
    start = turn_in(text)
    assert start is not None
    assert to_text(start) == turn


@pytest.mark.parametrize("text", ["", "formula", "1993", "2025-02-30", "v2"])
def test_no_date(text: str) -> None:
    assert moment_in(text)[0] is None
    assert turn_in(text) is None


def test_a_line_of_many_venues() -> None:
    found = mentions("BitMEX/Binance/Bybit/OKX(2025)/Bitget/Gate/Phemex (8h)")
    assert [m.venues[0] for m in found] == ["bitmex", "binanceusdm", "bybit", "okx", "bitget", "gate", "phemex"]
    assert {m.hours for m in found} == {8}
    assert [m.moment is not None for m in found] == [False, False, False, True, False, False, False]


@pytest.mark.parametrize(
    ("line", "venues"),
    [
        ("Kraken Futures (before 2022-09-29 12:00 UTC)", [("krakenfutures",)]),
        ("Crypto.com Exchange (from 2023-07-31 08:00 UTC)", [("cryptocom",)]),
        ("dYdX v3/v4", [("dydx3",), ("dydx",)]),
        ("dYdX Perpetual v1 (Solidity)", [("dydx1",)]),
        ("dYdX v5", [()]),
        ("Binance (COIN-M)", [("binancecoinm",)]),
        ("Binance USD\N{CIRCLED LATIN CAPITAL LETTER S}-M and COIN-M", [("binanceusdm",), ("binancecoinm",)]),
        ("Binance", [("binanceusdm", "binancecoinm")]),
        ("Binance vs BitMEX", [("binanceusdm", "binancecoinm"), ("bitmex",)]),
        ("MCDEX / Bit.com / Deribit(old)", [("mcdex",), ("bitcom",), ("deribit",)]),
        ("Hyperliquid HIP-3", [("hyperliquid",)]),
        ("hyperLIQUID", [("hyperliquid",)]),
        ("GMX v2 adaptive", [("gmx2",)]),
        ("", []),
    ],
)
def test_lines(line: str, venues: list[tuple[str, ...]]) -> None:
    assert [m.venues for m in mentions(line)] == venues


def test_kinds_and_words_beside_a_name() -> None:
    (one,) = mentions("Binance (linear, 4h, strange)")
    assert (one.market, one.hours, one.rest) == ("linear", Fraction(4), ("strange",))
    (identity,) = mentions("identity")
    assert identity.anonymous


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0.0005", Fraction(5, 10_000)),
        ("1/33", Fraction(1, 33)),
        ("0.05%", Fraction(5, 10_000)),
        ("±0.05 %", Fraction(5, 10_000)),
        (0.1, Fraction(1, 10)),
        (3, Fraction(3)),
        ("1e-8", Fraction(1, 10**8)),
        ("inf", INF),
        ("-inf", -INF),
        ("+0.8", Fraction(4, 5)),
        ("nothing", None),
        (True, None),
        (None, None),
        ([1], None),
    ],
)
def test_numbers(written: object, value: Fraction | float | None) -> None:
    assert number(written) == value


def test_facts_tell_what_was_not_read() -> None:
    facts = read_facts({"avg_premium": "0.1", "cap": "0.2", "odd": "1", "position": "2", "symbol": "X"}, elementwise=False)
    assert facts.number("average") == Fraction(1, 10)
    assert facts.ignored() == ("cap", "position", "odd")
    with pytest.raises(Lacking, match="not one number"):
        facts.number("label")


def test_lists_are_samples_or_alternatives() -> None:
    samples = read_facts({"premiums": ["0.1", "0.2"], "interval_hours": ["8", "4"]}, elementwise=False)
    assert samples.alternatives() == 2
    assert samples.alternative(1).number("interval_hours") == 4
    assert samples.take("samples") == [Fraction(1, 10), Fraction(1, 5)]
    each = read_facts({"premiums": ["0.1", "0.2"]}, elementwise=True)
    assert each.alternative(1).number("premium") == Fraction(1, 5)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1, 8), "0.125"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(1, 3), "0.333333333333333333"),
        (Fraction(1200), "1200"),
        (0.5, "0.5"),
        (0, "0"),
    ],
)
def test_numbers_are_printed_exactly_where_they_end(value: Fraction | float, text: str) -> None:
    assert decimal_text(value) == text
