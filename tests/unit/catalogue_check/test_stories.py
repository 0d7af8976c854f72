"""What does a user hear who asks about a rule, and what do the lists of rules hold?"""

from __future__ import annotations

import pytest

from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.catalogue.overview import family, moment_of, rule_rows, shown_rules
from perpscope.catalogue.stories import Question, document_stories, stories
from perpscope.errors import CatalogueError, InputError
from perpscope.market.time import to_ms

NOW = to_ms("2026-06-01T00:30:00Z")


def told(question: Question) -> str:
    return " ".join("\n\n".join(story.text for story in stories(question)).split())


def test_why_is_it_what_it_is() -> None:
    text = told(Question("hl", "BTC", NOW, premium=0.0002, within=True))
    assert "pulled all the way to the interest [gitbook]" in text
    assert "due 2026-06-01T01:00:00Z" in text
    assert "rate +0.00125 % per 1 h = +0.01 % per 8 h = +10.95 % APR" in text


def test_the_rule_alone_says_what_nobody_states() -> None:
    text = told(Question("binanceusdm", "", NOW))
    assert "premium -0.04..0.06 % rate +0.01 % (flat)" in text
    assert text.count("unknown") == 1
    assert "needs maintenance_margin of the contract" in text
    known = told(Question("binanceusdm", "", NOW, contract={"maintenance_margin": 0.004}))
    assert "rate +0.3 % (the cap)" in known
    assert "unknown" not in known


def test_every_reading_is_told() -> None:
    text = told(Question("mexc", "", NOW, premium=0.0012, contract={"cap": 0.003}))
    for reading, rate in (
        ("pulled to the interest", "+0.07 %"),
        ("interest plus the clamped premium", "+0.06 %"),
        ("interest plus the premium", "+0.13 %"),
    ):
        assert f'reading "{reading}")' in text
        assert f"rate {rate} per 8 h" in text


def test_a_constant_premium_under_a_rule_that_transforms_every_sample() -> None:
    text = told(Question("deribit", "", to_ms("2026-11-23T00:00:00Z"), premium=0.001, hours=8, contract={"cap": 0.005}))
    assert "each sample first pulled to 0 % by at most 0.025 %" in text
    assert "rate +0.075 % per 8 h" in text
    assert "accruing through the interval" in text


@pytest.mark.parametrize("venue", [venue for venue in venue_ids() if load_venue(venue).rules])
def test_every_rule_of_every_venue_can_be_told(venue: str) -> None:
    """At the last moment each rule was in force; a screen each."""
    for rule in load_venue(venue).rules:
        moment = min(rule.until, to_ms("2026-11-23T00:00:00Z"), load_venue(venue).closed) - 1
        question = Question(venue, "", max(moment, rule.since), hours=8)
        for story in stories(question):
            assert max(len(line) for line in story.text.split("\n")) <= 80
            assert len(story.text.split("\n")) <= 36


def test_a_document_is_told_under_its_own_contract_only() -> None:
    text = '{"venue": "hyperliquid", "symbol": "BTC", "at": "2025-06-01T10:00:00Z", "premium_index": 0.0012}'
    (story,) = document_stories(text, "hl", "BTC")
    assert "+0.00875 %" in story.text
    with pytest.raises(InputError, match="the document is of hyperliquid"):
        document_stories(text, "bybit", "")


def test_a_contract_that_does_not_exist() -> None:
    with pytest.raises(InputError):
        stories(Question("binanceusdm", "no such thing!", NOW))
    with pytest.raises(InputError, match="the catalogue has"):
        stories(Question("nowhere", "", NOW))
    with pytest.raises(CatalogueError, match="needs maintenance_margin"):
        stories(Question("binanceusdm", "", NOW, premium=0.001))


def test_rules_are_listed_with_dates_family_status_and_source() -> None:
    rows = rule_rows()
    assert {tuple(row) for row in rows} == {
        ("venue", "rule", "from", "to", "family", "status", "reading", "market_list", "markets", "source")
    }
    assert len({row["rule"] for row in rows}) == len(rows) == sum(len(load_venue(venue).rules) for venue in venue_ids())
    assert [row["rule"] for row in rows if not row["source"]] == []
    assert {row["venue"] for row in rule_rows("Bybit")} == {"bybit"}


def test_families_are_told_apart_by_their_parts() -> None:
    named = {rule.id: family(rule) for venue in venue_ids() for rule in load_venue(venue).rules}
    assert named["bitmex-0a"] == "interest only"
    assert named["bitmex-1"] == "larger of premium and interest"
    assert named["binanceusdm-2"] == "clamp"
    assert named["okx-0"] == "mean"
    assert named["dydx3-1"] == "mean plus interest"
    assert named["gate-1"] == "clamp of every sample"
    assert named["deribit-2"] == "continuous clamp of every sample"
    assert named["mexc-page"] == "interest plus clamped premium"


def test_the_rules_in_force_or_the_last_ones() -> None:
    now = shown_rules("bitget", NOW)
    assert {rule.id for rule in now.rules} == {"bitget-2-scaled", "bitget-2-limited"}
    assert not now.over
    closed = shown_rules("ftx", NOW)
    assert closed.over
    assert [rule.id for rule in closed.rules] == ["ftx"]
    shown = {row["rule"] for row in shown_rules("hyperliquid", NOW).rows()}
    assert shown == {"hyperliquid", "hyperliquid-builder", "hyperliquid-hyperp"}
    assert {rule.id for rule in shown_rules("hyperliquid", NOW, "hyperp").rules} == {"hyperliquid-hyperp"}
    assert {rule.id for rule in shown_rules("hyperliquid", NOW, "xyz").rules} == {"hyperliquid-builder"}


def test_moments() -> None:
    assert moment_of("", 5) == 5
    assert moment_of("2025-09-18", 5) == to_ms("2025-09-18T00:00:00Z")
    with pytest.raises(InputError, match="no time zone"):
        moment_of("2025-09-18T08:00:00", 5)


def test_a_change_of_interval_is_told_before_and_when_it_comes() -> None:
    rule = told(Question("binanceusdm", "BTCUSDT", NOW))
    assert "interval 1 h after a payment at cap or floor [frequency]" in rule
    assert "interval 4 h after 16 payments in a row within ±0.025 %, from 1 h [calm2026]" in rule
    hit = told(Question("binanceusdm", "BTCUSDT", NOW, premium=0.02, contract={"maintenance_margin": 0.004}))
    assert "next 1 h a payment at the limit shortens the interval to this [frequency]" in hit
    inside = told(Question("binanceusdm", "BTCUSDT", NOW, premium=0.002, contract={"maintenance_margin": 0.004}))
    assert "next" not in inside.split("pays")[1]


def test_a_cap_that_hangs_on_the_leverage_is_told() -> None:
    margins = {"initial_margin": 0.05, "maintenance_margin": 0.03}
    low = told(Question("binanceusdm", "HIFIUSDT", to_ms("2024-01-01T00:00:00Z"), premium=0.05, contract=margins))
    assert "limit +3 % cap hit" in low
    high = told(
        Question("binanceusdm", "HIFIUSDT", to_ms("2024-01-01T00:00:00Z"), premium=0.05, contract={**margins, "initial_margin": 0.02})
    )
    assert "limit +2.25 % cap hit" in high
    assert "rate +3 % (the cap)" in told(Question("binanceusdm", "", to_ms("2024-01-01T00:00:00Z"), contract={"initial_margin": 0.05}))
    with pytest.raises(InputError, match="which no part reads"):
        stories(Question("phemex", "", NOW, premium=0.001, contract={"initial_margin": 0.05}))
