"""Which rows are recomputed, by which rule, within which tolerance, and why others are not."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from perpscope.audit.contract import Scope, audit_contract
from perpscope.audit.facts import Facts, KnownNumber
from perpscope.audit.model import Audit
from perpscope.audit.recompute import IN_DISPUTE, NO_INPUT, NO_RULE, NO_SPACING, PARTIAL, UNDATED
from perpscope.catalogue.schema import Venue
from perpscope.errors import InputError
from perpscope.market.table import PREMIUM_SAMPLES
from perpscope.market.time import to_ms
from tests.unit.audit.histories import funding
from tests.unit.audit.rules import PULL, rule, venue

START = to_ms("2024-01-01T08:00:00Z")
STEP = 8 * 3_600_000


def moments(ms: list[int]) -> pl.Series:
    return pl.Series("ts", ms).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")


def rows(rates: list[float], premiums: list[float | None] | None = None, slots: list[int] | None = None) -> pl.DataFrame:
    stamps = [START + STEP * k for k in (slots or range(len(rates)))]
    frame = pl.DataFrame({"ts": moments(stamps), "funding_rate": rates, "interval_hours": 8.0})
    if premiums is not None:
        frame = frame.with_columns(pl.Series("premium", premiums, dtype=pl.Float64))
    return funding(frame, "madeup", "BTCUSDT", "linear")


def samples(at: list[int], premiums: list[float]) -> pl.DataFrame:
    who = {"venue": "madeup", "native_id": "BTCUSDT", "symbol": "BTC/USDT:USDT", "market": "linear", "market_list": "", "source": "s"}
    frame = pl.DataFrame({"ts": moments(at), "premium_frac": premiums})
    return PREMIUM_SAMPLES.conform(frame.with_columns(pl.lit(v).alias(k) for k, v in who.items()))


def audit(frame: pl.DataFrame, law: Venue, **more: object) -> Audit:
    return audit_contract(Facts(frame, **more), law)  # type: ignore[arg-type]  # frames by name


def counts(found: Audit) -> tuple[int, int, int]:
    return found.rows, found.recomputed, found.matched


def test_rows_without_inputs_are_not_recomputed_and_say_why() -> None:
    found = audit(rows([0.0001, 0.00061], [None, 0.00111]), venue(rule("one")))
    assert counts(found) == (2, 1, 1)
    assert found.not_recomputable == {NO_INPUT: 1}
    assert not found.finding


def test_nothing_is_claimed_where_there_is_no_rule() -> None:
    found = audit(rows([0.0001], [0.0001]), venue(rule("one", dates="since = 2025-01-01T00:00:00Z")))
    assert counts(found) == (1, 0, 0)
    assert found.not_recomputable == {NO_RULE: 1}
    assert found.max_abs_error is None


def test_a_rule_that_lacks_a_number_says_which() -> None:
    law = venue(rule("one", PULL + ', cap = "? the page names no cap"'))
    (reason,) = audit(rows([0.0001], [0.0001]), law).not_recomputable
    assert "formula.cap" in reason
    assert "names no cap" in reason
    known = audit_contract(Facts(rows([0.0001], [0.0001]), numbers=(KnownNumber("cap", 0.003), KnownNumber("floor", -0.003))), law)
    assert counts(known) == (1, 1, 1)


def test_each_row_is_judged_by_the_rule_in_force_when_its_window_ended() -> None:
    old, new = PULL, PULL.replace("0.0005", "0.0002")
    law = venue(rule("old", old, dates="until = 2024-01-02T00:00:00Z"), rule("new", new, dates="since = 2024-01-02T00:00:00Z"))
    found = audit(rows([0.00150001, 0.00150001, 0.00180001], [0.00200001] * 3), law)
    assert counts(found) == (3, 3, 3)
    assert [(used.rule, used.rows) for used in found.rules] == [("old", 2), ("new", 1)]
    (departure,) = audit(rows([0.00150001, 0.00180001, 0.00180001], [0.00200001] * 3), law).departures
    assert (departure.start, departure.rule) == ("2024-01-01T16:00:00Z", "old")


def test_with_a_lag_the_window_ended_one_interval_before_the_payment() -> None:
    new = PULL.replace("0.0005", "0.0002")
    law = venue(rule("old", dates="until = 2024-01-02T00:00:00Z", lag="1"), rule("new", new, dates="since = 2024-01-02T00:00:00Z", lag="1"))
    found = audit(rows([0.00150001, 0.00150001, 0.00150001, 0.00180001], [0.00200001] * 4), law)
    assert counts(found) == (4, 4, 4)


def test_readings_of_a_disputed_rule_are_shown_and_gate_nothing() -> None:
    law = venue(
        rule("a", PULL, status="disputed", dates='reading = "first"'),
        rule("b", PULL.replace("0.0005", "0.0002"), status="disputed", dates='reading = "second"'),
    )
    found = audit(rows([0.00150001, 0.00150001], [0.00200001] * 2), law)
    assert counts(found) == (2, 0, 0)
    assert found.not_recomputable == {IN_DISPUTE: 2}
    assert {r.reading: (r.rows, r.recomputed, r.matched) for r in found.readings} == {"first": (2, 2, 2), "second": (2, 2, 0)}
    assert not found.finding


def test_rows_between_two_rules_of_uncertain_date_gate_nothing() -> None:
    unsure = "until = 2024-01-02T00:00:00Z\nsurely_until = 2024-01-01T12:00:00Z"
    law = venue(rule("old", dates=unsure), rule("new", PULL.replace("0.0005", "0.0002"), dates="since = 2024-01-02T00:00:00Z"))
    found = audit(rows([0.00150001, 0.9, 0.00180001], [0.00200001] * 3), law)
    assert counts(found) == (3, 2, 2)
    assert found.not_recomputable == {UNDATED: 1}
    assert [(r.rule, r.rows, r.matched) for r in found.readings] == [("old", 1, 0)]


def test_the_tolerance_is_what_the_digits_allow_and_no_more() -> None:
    """Half a unit of the rate, and of the premium where it moves the rate: not inside the band, nor at the cap."""
    law = venue(rule("one", PULL + ', cap = "0.001 @text", floor = "-0.001 @text"'))
    premiums: list[float | None] = [0.000123, 0.001123, 0.009123, 0.001234]
    rates = [0.0001, 0.000623, 0.001, 0.00073412]
    found = audit(rows(rates, premiums), law)
    assert found.matched == 4
    assert found.residuals is not None
    assert found.residuals["tolerance"].to_list() == pytest.approx([5e-9, 5.05e-7, 5e-9, 5.05e-7], rel=1e-6)
    for row, step, matches in ((0, 1e-8, False), (1, 5.0e-7, True), (1, 5.1e-7, False), (2, -1e-8, False)):
        moved = [round(rate + step * (k == row), 8) for k, rate in enumerate(rates)]
        assert (audit(rows(moved, premiums), law).matched == 4) is matches, (row, step)


def test_a_step_limit_is_measured_from_the_computed_rate_before() -> None:
    law = venue(rule("slow", PULL + ', change = "0.0002 @text"'))
    found = audit(rows([0.0001, 0.0003, 0.0005, 0.0007], [0.0001, 0.002, 0.002, 0.002]), law)
    assert counts(found) == (4, 4, 4)
    wrong = audit(rows([0.0001, 0.0004, 0.0005, 0.0007], [0.0001, 0.002, 0.002, 0.002]), law)
    assert wrong.matched == 3, "a false published rate must not move the computed one after it"


def test_where_none_was_computed_the_step_is_measured_from_the_rate_published_before_and_it_says_so() -> None:
    law = venue(rule("slow", PULL + ', change = "0.0002 @text"'))
    found = audit(rows([0.0001, 0.0003, 0.0005], [None, 0.002, 0.002]), law)
    assert counts(found) == (3, 2, 2)
    assert any("measured from the rate published before" in line for line in found.explain)
    apart = audit(rows([0.0001, 0.0015], [None, 0.002], slots=[0, 2]), law)
    assert counts(apart) == (2, 1, 1), "over a gap there is no rate before"


def test_samples_of_a_whole_window_are_recomputed() -> None:
    at = [START - STEP + 60_000 * k for k in range(480)]
    premiums = np.linspace(0.001, 0.002, 480).round(8).tolist()
    mean = round(float(np.mean(premiums)) - 0.0005, 8) + 1e-8
    premiums[0] = round(premiums[0] + 480e-8, 8)
    found = audit(rows([mean]), venue(rule("one")), samples=samples(at, premiums))
    assert counts(found) == (1, 1, 1)
    linear = audit(rows([mean]), venue(rule("one", reduce="linear")), samples=samples(at, premiums))
    assert counts(linear) == (1, 1, 0)


def test_a_window_seen_in_part_is_never_matched_and_is_shown() -> None:
    at = [START - STEP + 60_000 * k for k in range(240)]
    found = audit(rows([0.0005]), venue(rule("one")), samples=samples(at, [0.001] * 240))
    assert counts(found) == (1, 0, 0)
    assert found.not_recomputable == {PARTIAL: 1}
    assert any("50.0% was seen, which would give 0.0005" in line for line in found.explain)


def test_samples_bunched_in_one_half_do_not_pass_for_a_whole_window() -> None:
    at = sorted([START - STEP + 30_000 * k for k in range(480)])
    found = audit(rows([0.0005]), venue(rule("one")), samples=samples(at, [0.001] * 480))
    assert found.not_recomputable == {PARTIAL: 1}


def test_one_random_sample_a_minute_and_jitter_around_the_minute_are_whole() -> None:
    rng = np.random.default_rng(3)
    for noise in (rng.integers(0, 60_000, 480), rng.integers(0, 400, 480)):
        at = sorted((START - STEP + 60_000 * np.arange(480) + noise).tolist())
        assert counts(audit(rows([0.0005]), venue(rule("one")), samples=samples(at, [0.001] * 480))) == (1, 1, 1)


def test_without_a_stated_spacing_it_cannot_be_known_that_the_samples_are_all() -> None:
    law = venue(rule("one").replace('every_seconds = "60 @text"', 'every_seconds = "? not stated"'))
    at = [START - STEP + 60_000 * k for k in range(480)]
    assert audit(rows([0.0005]), law, samples=samples(at, [0.001] * 480)).not_recomputable == {NO_SPACING: 1}


def test_an_unknown_lag_leaves_open_which_window_a_rate_is_of() -> None:
    law = venue(rule("one").replace('lag = "0 @text"', 'lag = "? never stated"'))
    at = [START - STEP + 60_000 * k for k in range(480)]
    (reason,) = audit(rows([0.0005]), law, samples=samples(at, [0.001] * 480)).not_recomputable
    assert "lag" in reason
    assert counts(audit(rows([0.0005], [0.001]), law)) == (1, 1, 1), "with the average in the row the lag does not matter"


def test_rounding_down_is_no_departure_and_rounding_to_nearest_would_be() -> None:
    down = PULL + ', decimals = "6 @text", rounding = "down @text"'
    near = PULL + ', decimals = "6 @text"'
    published = rows([0.000612, 0.000613, -0.000613], [0.00111279, 0.00111301, -0.00111231])
    assert counts(audit(published, venue(rule("down", down)))) == (3, 3, 3)
    assert counts(audit(published, venue(rule("near", near)))) == (3, 3, 1)
    to_zero = rows([0.000612, 0.000613, -0.000612], [0.00111279, 0.00111301, -0.00111279])
    assert counts(audit(to_zero, venue(rule("zero", down.replace("down", "to_zero"))))) == (3, 3, 3)
    assert counts(audit(to_zero, venue(rule("down", down)))) == (3, 3, 2)


def test_one_settlement_stamped_twice_counts_once() -> None:
    frame = rows([0.00010001, 0.00062345], [None, 0.00112345])
    jittered = frame.with_columns(
        pl.col("ts") + pl.duration(milliseconds=31), pl.lit("jitter").alias("source"), pl.lit(None, pl.Float64).alias("premium_frac")
    )
    found = audit(pl.concat([jittered, frame]), venue(rule("one")))
    assert counts(found) == (2, 1, 1)
    elsewhere = frame.with_columns(pl.col("ts") + pl.duration(hours=2))
    assert audit(pl.concat([elsewhere, frame]), venue(rule("one"))).rows == 4, "a settlement off its slot is another one"


def test_only_the_asked_dates_are_audited() -> None:
    frame = rows([0.0001] * 6, [0.0001] * 6)
    found = audit_contract(Facts(frame), venue(rule("one")), Scope(START + STEP, START + 4 * STEP))
    assert found.rows == 3


def test_predictions_are_not_fixings() -> None:
    frame = pl.concat([rows([0.0001], [0.0001]), rows([0.0009], [0.0001], slots=[1]).with_columns(pl.lit("predicted").alias("kind"))])
    assert audit(frame, venue(rule("one"))).rows == 1


def test_rows_of_two_contracts_are_refused() -> None:
    both = pl.concat([rows([0.0001]), rows([0.0001]).with_columns(pl.lit("ETHUSDT").alias("native_id"))])
    with pytest.raises(InputError, match="one contract"):
        audit(both, venue(rule("one")))
    with pytest.raises(InputError, match="no rows"):
        audit(rows([0.0001]).clear(), venue(rule("one")))


def test_the_answer_has_the_keys_of_the_contract_and_every_row_is_accounted_for() -> None:
    found = audit(rows([0.0001, 0.5], [0.0001, 0.0001]), venue(rule("one")))
    answer = found.to_dict()
    assert list(answer)[:8] == ["venue", "symbol", "rows", "recomputed", "matched", "max_abs_error", "checks", "certificate"]
    assert all(set(check) == {"name", "holds", "detail"} for check in answer["checks"])
    assert answer["max_abs_error"] == pytest.approx(0.4999)
    assert found.finding
    assert datetime.fromisoformat(answer["departures"][0]["start"]) == datetime(2024, 1, 1, 16, tzinfo=UTC)
