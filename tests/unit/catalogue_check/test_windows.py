"""Is a window document read as it stands, decided by the right rule, and refused in its own words where it is wrong?"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import msgspec
import pytest

from perpscope.catalogue.evaluate import answer_document, evaluate
from perpscope.catalogue.given import FORMULA_NUMBERS, readable, supplied
from perpscope.catalogue.load import load_venue
from perpscope.catalogue.windows import Rows, read_window, window_schema
from perpscope.errors import CatalogueError, InputError, NotEnoughData
from perpscope.market.time import to_ms
from perpscope.mechanisms.decide import Formula, Terms
from perpscope.mechanisms.observe import OBSERVATIONS, Observe

HOUR = {"venue": "hyperliquid", "symbol": "BTC", "at": "2025-06-01T10:00:00Z"}
BOOK = {"bids": [[101, 100], [100, 1000]], "asks": [[102, 1000]], "index": 100}


def asked_of(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON holds
    document = {key: value for key, value in {**HOUR, **parts}.items() if value is not None}
    asked = read_window(json.dumps(document))
    return answer_document(asked, evaluate(asked))


def test_an_averaged_premium() -> None:
    found = asked_of(premium_index=0.0012)
    assert found["rate"] == 8.75e-05
    assert found["interval_hours"] == 1
    assert set(found["terms"]) == set(Terms._fields)
    assert (found["coverage"], found["kind"], found["rule"], found["status"]) == (None, "computed", "hyperliquid", "verified")
    assert (found["start"], found["end"], found["due"]) == ("2025-06-01T09:00:00Z", "2025-06-01T10:00:00Z", "2025-06-01T10:00:00Z")
    assert found["apr"] == pytest.approx(8.75e-05 * 8760)
    assert found["readings"] == found["unknown"] == found["given"] == []


def test_samples_raw_prices_and_books_lead_to_the_same_premium() -> None:
    samples = asked_of(samples={"premium": [0.01, 0.01]})
    prices = asked_of(samples={"impact_bid": [101, 101], "impact_ask": [102, 102], "index": [100, 100]})
    books = asked_of(books=[BOOK, BOOK], impact_notional=5000)
    assert samples["terms"] == prices["terms"] == books["terms"]
    assert {samples["kind"], prices["kind"], books["kind"]} == {"partial"}
    assert samples["coverage"] == prices["coverage"] == pytest.approx(2 / 720)


def test_a_deep_book_walks_down() -> None:
    terms = asked_of(books=[BOOK], impact_notional=20_000)["terms"]
    base = 100 + (20_000 - 10_100) / 100
    assert terms["premium"] == pytest.approx((20_000 / base - 100) / 100, rel=1e-15)


def test_times_may_be_milliseconds_or_offsets() -> None:
    one = asked_of(at=to_ms("2025-06-01T10:00:00Z"), premium_index=0.001)
    other = asked_of(at=None, start="2025-06-01T11:00:00+02:00", end="2025-06-01T12:00:00+02:00", premium_index=0.001)
    assert one == other


def test_samples_with_times_must_lie_in_the_window() -> None:
    at = ["2025-06-01T09:00:00Z", "2025-06-01T09:30:00Z"]
    assert asked_of(samples={"premium": [0.001, 0.003], "at": at})["terms"]["premium"] == 0.002
    with pytest.raises(InputError, match="outside the window"):
        asked_of(samples={"premium": [0.001, 0.003], "at": ["2025-06-01T08:00:00Z", at[1]]})
    with pytest.raises(InputError, match="order"):
        asked_of(samples={"premium": [0.001, 0.003], "at": at[::-1]})


def test_a_builder_list_has_its_own_premium() -> None:
    main = asked_of(books=[BOOK], impact_notional=1000)
    built = asked_of(symbol="xyz:NVDA", books=[BOOK], impact_notional=1000, contract={"multiplier": 1})
    assert main["terms"]["premium"] == pytest.approx(0.01)
    assert built["terms"]["premium"] == pytest.approx(0.015)
    assert (built["rule"], built["market_list"], built["given"]) == ("hyperliquid-builder", "xyz", ["multiplier"])


def test_a_cap_given_bounds_both_sides() -> None:
    for premium in (0.02, -0.02):
        found = asked_of(venue="bitget", symbol=None, at="2025-01-01T00:00:00Z", premium_index=premium, contract={"cap": 0.003})
        assert abs(found["rate"]) == 0.003


def test_disputed_readings_are_all_told_and_the_rate_is_null_where_they_differ() -> None:
    document = {"venue": "mexc", "symbol": None, "at": "2025-01-01T00:00:00Z", "contract": {"cap": 0.003}}
    found = asked_of(**document, premium_index=0.0012)
    assert (found["rate"], found["status"]) == (None, "disputed")
    assert {entry["reading"]: entry["rate"] for entry in found["readings"]} == {
        "pulled to the interest": pytest.approx(0.0007),
        "interest plus the clamped premium": pytest.approx(0.0006),
        "interest plus the premium": pytest.approx(0.0013),
    }
    assert asked_of(**document, premium_index=0.0)["rate"] == 0.0001
    one = asked_of(**document, premium_index=0.0012, reading="pulled to the interest")
    assert (one["rate"], one["readings"]) == (pytest.approx(0.0007), [])


def test_the_rule_of_the_windows_end_decides() -> None:
    document = {"venue": "bitget", "symbol": None, "premium_index": 0.002, "interval_hours": 4, "contract": {"cap": 0.01}}
    assert asked_of(**document, at="2025-09-22T08:00:00Z")["rate"] == pytest.approx(0.0015)
    scaled = asked_of(**document, at="2025-09-22T12:00:00Z", reading="scaled, then limited")
    assert scaled["rate"] == pytest.approx(0.00075)


def test_the_previous_rate_feeds_the_cap_on_changes() -> None:
    margin = {"maintenance_margin": 0.005}
    document: dict[str, Any] = {
        "venue": "kucoinfutures",
        "symbol": None,
        "at": "2022-01-01T04:00:00Z",
        "premium_index": 0.0,
        "contract": margin,
    }
    assert asked_of(**document, before=0.00375)["rate"] == pytest.approx(0.0001)
    assert asked_of(**document, before=0.0045)["rate"] == pytest.approx(0.00075)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing was given"),
        ("  \n", "nothing was given"),
        ("{", "truncated"),
        ("[]", "a list where an object belongs"),
        ('{"venue": "hyperliquid", "premium": 1}', "unknown: premium"),
        ('{"venue": "hyperliquid", "at": "2025-06-01T10:00:00Z", "premium_index": NaN}', "NaN is not a number"),
        ('{"venue": "hyperliquid", "at": "2025-06-01T10:00:00Z", "premium_index": -Infinity}', "-Infinity is not a number"),
        ('{"venue": "hyperliquid", "at": "2025-06-01T10:00:00Z", "premium_index": "much"}', "premium_index"),
    ],
)
def test_malformed_text(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_window(text)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"venue": "nowhere"}, "the catalogue has"),
        ({"at": None}, "neither `at` nor `end`"),
        ({"at": "2025-06-01T10:00:00"}, "no time zone"),
        ({"at": "yesterday"}, "not an ISO 8601 time"),
        ({"at": 1_700_000_000}, "too small for milliseconds"),
        ({"end": "2025-06-01T11:00:00Z"}, "`at` and `end` differ"),
        ({"start": "2025-06-01T10:00:00Z"}, "is not after start"),
        ({"start": "2025-06-01T11:00:00Z"}, "is not after start"),
        ({"premium_index": 0.9}, "looks like percent"),
        ({"premium_index": None, "samples": {"premium": [0.001, -3.0]}}, "looks like percent"),
        ({"before": 5.0}, "looks like percent"),
        ({"samples": {"premium": [0.1]}}, "together"),
        ({"premium_index": None, "samples": {}}, "no row at all"),
        ({"premium_index": None, "samples": {"premium": []}}, "no row at all"),
        ({"premium_index": None, "samples": {"premium": [0.1], "index": [1]}}, "both `premium` and the prices"),
        ({"premium_index": None, "samples": {"premium": [0.1, 0.2], "at": ["2025-06-01T09:00:00Z"]}}, "unequal length"),
        ({"premium_index": None, "samples": {"impact_bid": [0], "index": [1]}}, "> 0"),
        ({"premium_index": None, "samples": {"mark": [1], "index": [1]}}, "no column impact_bid, impact_ask"),
        ({"premium_index": None, "books": [BOOK]}, "impact_notional"),
        ({"premium_index": None, "books": []}, "length >= 1"),
        ({"impact_notional": 5}, "impact_notional without books"),
        ({"premium_index": None, "books": [{**BOOK, "bids": [[100, 1], [101, 1]]}], "impact_notional": 5}, "out of order"),
        ({"premium_index": None, "books": [{**BOOK, "asks": [[101, 1]]}], "impact_notional": 5}, "crossed"),
        ({"premium_index": None, "books": [{**BOOK, "mark": 1}, BOOK], "impact_notional": 5}, "`mark` in 1 of 2"),
        ({"contract": {"speed": 1}}, "speed, which no part reads"),
        ({"market": "inverse"}, "belongs to 'linear'"),
        ({"symbol": "BTC/USDC:USDC:X"}, "not of the form"),
        ({"interval_hours": 0}, "> 0"),
        ({"reading": "another"}, "there is hyperliquid"),
        ({"premium_index": None}, "no column"),
        ({"start": "2025-06-01T02:00:00Z"}, "State interval_hours"),
    ],
)
def test_what_contradicts_itself_is_refused_in_its_own_words(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        asked_of(**{"premium_index": 0.001, **change})


def test_a_missing_interval_is_an_error_and_never_eight_hours() -> None:
    document = {
        "venue": "deribit",
        "symbol": None,
        "at": "2026-11-23T10:00:00Z",
        "contract": {"cap": 0.005},
        "samples": {"premium": [0.001]},
    }
    with pytest.raises(InputError, match="never assumed to be 8 h"):
        asked_of(**document)


def test_an_average_does_not_show_what_a_transform_of_every_sample_made() -> None:
    document = {"venue": "deribit", "symbol": None, "at": "2026-11-23T10:00:00Z", "contract": {"cap": 0.005}, "interval_hours": 8}
    with pytest.raises(InputError, match="transforms every sample"):
        asked_of(**document, premium_index=0.001)
    at = ["2026-11-23T02:00:00Z"]
    assert asked_of(**document, samples={"premium": [0.001], "at": at})["rate"] == pytest.approx(0.00075)


def test_a_rule_that_lacks_a_number_says_which() -> None:
    with pytest.raises(CatalogueError, match="maintenance_margin"):
        asked_of(venue="binanceusdm", symbol=None, at="2025-10-01T00:00:00Z", premium_index=0.001)
    found = asked_of(
        venue="binanceusdm", symbol=None, at="2025-10-01T00:00:00Z", premium_index=0.01, contract={"maintenance_margin": 0.004}
    )
    assert found["rate"] == pytest.approx(0.003)


ORDERS = {"limit": [None, None, -0.0001, -0.00015, 0.0001], "quantity": [80, -100, 10, 10, -10]}


def test_an_order_without_a_limit_is_a_notice_of_delivery() -> None:
    found = asked_of(venue="coinflex", symbol="BTC-USD-SWAP-LIN", at="2021-01-01T04:00:00Z", samples=ORDERS)
    assert found["rate"] == 0.00015
    assert found["interval_hours"] == 8


@pytest.mark.parametrize(
    ("change", "message"),
    [({"limit": [None, None, -1, -0.00015, 0.0001]}, "limit -1"), ({"quantity": [1, -1]}, "5 limits of 2 quantities")],
)
def test_orders_of_an_auction_are_fractions_with_quantities(change: dict[str, list[float]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        asked_of(venue="coinflex", symbol=None, at="2021-01-01T04:00:00Z", samples={**ORDERS, **change})


def test_a_failed_delivery_is_not_priced() -> None:
    with pytest.raises(NotEnoughData, match=r"79\.999 found nobody"):
        asked_of(venue="coinflex", symbol=None, at="2021-01-01T04:00:00Z", samples={**ORDERS, "quantity": [0.001, -100, 10, 10, -10]})


def test_no_rule_at_that_time_and_a_venue_that_closed() -> None:
    with pytest.raises(CatalogueError, match="on record are"):
        asked_of(venue="kucoinfutures", symbol=None, at="2019-01-01T00:00:00Z", premium_index=0.001)
    with pytest.raises(InputError, match="it closed at 2026-09-23T04:00:00Z"):
        asked_of(venue="bitmex", symbol=None, at="2026-10-01T00:00:00Z", premium_index=0.001)


def test_a_thin_book_is_not_enough() -> None:
    with pytest.raises(NotEnoughData, match="that side holds"):
        asked_of(books=[BOOK], impact_notional=1e9)


def test_the_schema_is_the_check() -> None:
    schema = window_schema()
    assert schema["$schema"].endswith("2020-12/schema")
    document = schema["$defs"]["WindowDocument"]
    assert document["required"] == ["venue"]
    assert document["additionalProperties"] is False
    undocumented = [
        name
        for name, part in document["properties"].items()
        if "description" not in msgspec.json.encode(part).decode() and "$ref" not in str(part)
    ]
    assert undocumented == []


def test_every_column_a_rule_can_look_at_may_be_given() -> None:
    needed = {column for kind in OBSERVATIONS for column in Observe(kind).columns}
    assert needed <= set(Rows.__struct_fields__)


def test_numbers_go_where_the_rule_reads_them() -> None:
    (rule,) = (r for r in load_venue("binanceusdm").rules if r.id == "binanceusdm-2")
    assert "maintenance_margin" in readable(rule)
    assert supplied(rule, {"maintenance_margin": 0.004, "interest": 0}) == {"maintenance_margin": 0.004, "formula.interest": 0}
    assert supplied(rule, {"cap": 0.003}) == {"formula.cap": 0.003, "formula.floor": -0.003}
    assert set(FORMULA_NUMBERS) == {f.name for f in fields(Formula)} - {"combine", "rounding"}
