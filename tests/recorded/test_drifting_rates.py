"""Do the drifting rates an on-chain venue recorded follow from its skews by the velocity rule?

Scale and fastest velocity are not in the events: velocity over skew is one constant in each market, so that only their
ratio is inferred; the catalogue holds the smallest pair that gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from perpscope.catalogue.load import load_venue
from perpscope.market.number import Number
from perpscope.mechanisms.rule import Rule
from perpscope.mechanisms.window import Window

pytestmark = pytest.mark.needs_shared

VENUE = "synthetix_v3_base"
FILE = "funding_synthetix_v3_base_events_2024.parquet"
STEP = 1e-17
"""Each step cuts skew share, velocity, elapsed days and their product to 18 decimals, the first before it is multiplied by 9."""
WHOLE = 2e-15
"""Thousands of such cuts, one after another, of either sign."""
EVENTS = {"BTC": 5686, "ETH": 4025}


@dataclass(frozen=True)
class Events:
    """Columns of one market in order of time: ms, coins, rate per day, velocity per day and day."""

    at: list[int]
    skew: list[float]
    rate: list[float]
    velocity: list[float]


@cache
def events(shared: Path, market: str) -> Events:
    frame = pl.read_parquet(shared / "data" / FILE).filter(pl.col("symbol") == market).sort("ts", "block")
    at = frame.select(pl.col("ts").dt.epoch("ms")).to_series().to_list()
    return Events(at, *(frame[name].to_list() for name in ("skew", "funding_rate", "funding_velocity")))


def rule_of(market: str, **changed: Number) -> Rule:
    venue = load_venue(VENUE)
    numbers = {**venue.contract(market, 1_718_000_000_000), **changed}
    return venue.rules[0].build(numbers)


def steps(rule: Rule, seen: Events) -> list[float]:
    """Distance of every recorded rate from the one before it, moved by the rule."""
    off = []
    for k in range(len(seen.at) - 1):
        start, end = seen.at[k], seen.at[k + 1]
        if start == end:
            off.append(abs(seen.rate[k + 1] - seen.rate[k]))
            continue
        tally = rule.fix(Window(start, end, {"skew_base": [seen.skew[k]], "at": [start]}), seen.rate[k]).tally
        assert tally is not None
        off.append(abs(float(tally.carry) - seen.rate[k + 1]))
    return off


@pytest.mark.parametrize("market", EVENTS)
def test_every_recorded_rate_follows_from_the_one_before(shared: Path, market: str) -> None:
    off = steps(rule_of(market), events(shared, market))
    assert len(off) == EVENTS[market] - 1
    assert max(off) <= STEP


@pytest.mark.parametrize("market", EVENTS)
def test_the_whole_history_follows_from_its_first_rate_and_the_skews(shared: Path, market: str) -> None:
    seen = events(shared, market)
    rule, before, off = rule_of(market), seen.rate[0], [0.0]
    for k in range(len(seen.at) - 1):
        if seen.at[k] < seen.at[k + 1]:
            tally = rule.fix(Window(seen.at[k], seen.at[k + 1], {"skew_base": [seen.skew[k]], "at": [seen.at[k]]}), before).tally
            assert tally is not None
            before = float(tally.carry)
        off.append(abs(before - seen.rate[k + 1]))
    assert len(off) == EVENTS[market]
    assert max(off) <= WHOLE


@pytest.mark.parametrize("market", EVENTS)
def test_only_the_ratio_of_speed_and_scale_is_in_the_events(shared: Path, market: str) -> None:
    seen = events(shared, market)
    numbers = load_venue(VENUE).contract(market, seen.at[0])
    ratio = Fraction(numbers["max_velocity"]) / Fraction(numbers["skew_scale"])
    for skew, velocity in zip(seen.skew, seen.velocity, strict=True):
        assert velocity == pytest.approx(
            skew * float(ratio), rel=0, abs=2 * STEP
        )  # the share of the skew is cut before it is multiplied by 9
    twice = rule_of(market, skew_scale=2 * numbers["skew_scale"], max_velocity=2 * numbers["max_velocity"])
    assert max(steps(twice, seen)) <= STEP


@pytest.mark.parametrize("market", EVENTS)
def test_another_scale_is_noticed(shared: Path, market: str) -> None:
    """One per mille off, and fewer than one rate in ten follows."""
    numbers = load_venue(VENUE).contract(market, 1_718_000_000_000)
    off = steps(rule_of(market, skew_scale=numbers["skew_scale"] * Fraction("1.001")), events(shared, market))
    assert sum(x <= STEP for x in off) < len(off) / 10
