"""Does every example get a verdict, whatever stands in it?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.catalogue.check import check_text
from perpscope.catalogue.check.words import INPUTS, OUTPUTS
from perpscope.catalogue.load import load_venue, venue_ids

VENUES = [load_venue(venue).name for venue in venue_ids() if load_venue(venue).rules]
plain: st.SearchStrategy[object] = st.one_of(
    st.sampled_from(
        ["0", "0.0001", "-0.003", "0.5", "8", "100", "101.5", "1e9", "inf", "-inf", "nan", "", "x", "2021-12-04 20:00", "BTCUSDT"]
    ),
    st.sampled_from([0, 1, -1, 0.25, 1e300, True, None, 1_700_000_000_000]),
)
values: st.SearchStrategy[object] = st.one_of(
    plain, st.lists(plain, max_size=3), st.just({"bids": [["1", "1"]]}), st.just([["101", "5"], ["100", "5"]]), st.just([[]])
)
beside = st.sampled_from(["", " (2021)", " (before 2020-01-01)", " (old)", " (8h)", " (since 2025-10-01)", " / Nowhere", " v9"])


@settings(max_examples=300)
@given(
    venue=st.sampled_from([*VENUES, "identity", "Nowhere"]),
    aside=beside,
    inputs=st.dictionaries(st.one_of(st.sampled_from(sorted(INPUTS)), st.sampled_from(["position", "odd"])), values, max_size=5),
    expected=st.dictionaries(
        st.one_of(st.sampled_from(sorted(OUTPUTS)), st.sampled_from(["payment", "odd", "avg_linear", "cap_before"])), values, max_size=3
    ),
)
def test_every_example_gets_a_verdict_that_says_why(venue: str, aside: str, inputs: dict[str, object], expected: dict[str, object]) -> None:
    (verdict,) = check_text(json.dumps([{"id": "x", "venue": venue + aside, "inputs": inputs, "expected": expected}]))
    assert verdict.status in {"pass", "fail", "unsupported", "disputed"}
    assert verdict.status == "pass" or verdict.reason
    if expected and not verdict.got:
        assert verdict.status != "pass"


OWN: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "unit" / "catalogue_check" / "examples.json").read_text(encoding="utf-8")
)
"""Whole examples, of which one value at a time is lost or becomes something else."""


@settings(max_examples=300)
@given(
    example=st.sampled_from(OWN), changes=st.lists(st.tuples(st.integers(0, 99), st.one_of(st.just(...), values)), min_size=1, max_size=4)
)
def test_every_example_that_was_whole_once_gets_a_verdict_that_says_why(example: dict[str, Any], changes: list[tuple[int, object]]) -> None:
    own = json.loads(json.dumps(example))
    places = [(part, name) for part in ("inputs", "expected") for name in own.get(part, {})]
    for k, value in changes:
        part, name = places[k % len(places)]
        if value is ...:
            own[part].pop(name, None)
        else:
            own[part][name] = value
    (verdict,) = check_text(json.dumps([own]))
    assert verdict.status in {"pass", "fail", "unsupported", "disputed"}
    assert verdict.status == "pass" or verdict.reason
