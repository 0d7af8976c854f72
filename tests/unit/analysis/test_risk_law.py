"""Does a law carry the limits and switches on record, and does it pay a flow by them?"""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.risk.flow import flow_windows
from perpscope.analysis.risk.law import Law, Stage, law_in_force, plain_law
from perpscope.analysis.risk.paid import held, payments
from perpscope.analysis.ruled import Contract
from perpscope.analysis.series import fixings
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.time import to_ms
from tests.unit.analysis.frames import at, changing, contract, regular

SWITCHING = Law((Stage(8, -0.003, 0.003, after_limit=1.0), Stage(1, -0.003, 0.003, 1.0, 0.00025, 16, 4.0), Stage(4, -0.003, 0.003, 1.0)))


def test_a_law_has_the_limits_and_the_switches_of_the_catalogue() -> None:
    law = law_in_force(Contract("binanceusdm", "", "BTCUSDT", "linear", 8.0), to_ms("2026-08-21T00:00:00Z"))
    assert [stage.hours for stage in law.stages] == [8.0, 1.0, 4.0]
    assert law.stages[0].cap == pytest.approx(0.003)
    assert law.stages[1].calm_payments == 16
    assert law.stages[1].after_calm == 4.0
    assert "margins last on record" in law.told[0]
    assert law.formula is not None
    assert math.isinf(float(law.formula.cap))


def test_before_the_switching_rule_a_limit_changes_nothing() -> None:
    law = law_in_force(Contract("binanceusdm", "", "BTCUSDT", "linear", 8.0), to_ms("2024-08-21T00:00:00Z"))
    assert [stage.hours for stage in law.stages] == [8.0]
    assert "no payment changes the interval" in law.told[1]


def test_limits_that_nobody_knows_are_taken_from_the_history_and_said() -> None:
    asked = Contract("sim:bitmex", "", "NOBODY", "inverse", 8.0)
    law = law_in_force(asked, to_ms("2026-01-01T00:00:00Z"), seen=(None, 0.002))
    assert (law.stages[0].floor, law.stages[0].cap) == (-math.inf, 0.002)
    assert "observed" in law.told[0]
    assert "none is applied" in law_in_force(asked, to_ms("2026-01-01T00:00:00Z")).told[0]
    stated = law_in_force(asked, to_ms("2026-01-01T00:00:00Z"), seen=(None, 0.002), given={"cap": 0.004})
    assert (stated.stages[0].floor, stated.stages[0].cap) == (-0.004, 0.004)


def test_a_law_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(InputError, match="Describe every interval"):
        Law((Stage(8, after_limit=1.0),))


def test_a_flow_keeps_every_payment_through_every_change_of_interval() -> None:
    rows = fixings(contract(changing()))
    flow = flow_windows(rows, plain_law(8.0))
    assert flow.hours == 8
    assert flow.step_hours == 1
    assert int(flow.ends[-1]) == rows["slot"][-1]
    covered = rows.filter(pl.col("slot") > int(flow.ends[0]) - 8 * 3_600_000)
    assert flow.steps.sum() == pytest.approx(covered["funding_rate"].sum(), abs=1e-15)


def test_a_gap_makes_a_join_and_no_payment() -> None:
    rows = regular(30, 8, 0.0001)
    flow = flow_windows(fixings(contract([each for k, each in enumerate(rows) if k not in (10, 11)])), plain_law(8.0))
    assert len(flow.steps) == 28
    assert flow.joins == 1
    assert len(flow.before(at(80)).steps) == 10


def test_a_payment_covers_no_time_that_another_has_paid_for() -> None:
    rows = [(float(8 * k), 0.0, 8.0) for k in range(1, 20)] + [(156.0, 0.0004, 8.0), (160.0, 0.0008, 4.0)]
    flow = flow_windows(fixings(contract(rows)), Law((Stage(8.0), Stage(4.0))))
    assert flow.steps[-2].tolist() == [0.0, 0.0]
    assert flow.steps[-1] == pytest.approx([0.0004, 0.0008])


def test_a_short_history_is_refused() -> None:
    with pytest.raises(NotEnoughData):
        flow_windows(fixings(contract(regular(5, 8))), plain_law(8.0))


def test_a_cap_cuts_and_then_the_interval_shortens_until_calm_returns() -> None:
    mania = np.full((1, 8), 0.006 / 8)
    calm = np.full((1, 8), 0.0001 / 8)
    library = np.concatenate([mania, calm])
    table = payments(library, 1.0, SWITCHING)
    assert table.paid[0, 0] == pytest.approx(0.003)  # 0.6 % flows, the cap lets half of it pass
    assert table.paid[1, 0] == pytest.approx(0.006)  # hourly the same flow stays below the same cap
    draws = np.array([[0, 0, 1, 1, 1]])
    total, moved = held(table, draws, SWITCHING)
    # capped, then hourly and uncapped, then two calm windows hourly (16 payments), then every 4 h
    assert total[0] == pytest.approx(0.003 + 0.006 + 3 * 0.0001)
    assert moved[0] == pytest.approx(4 / 5)
    never, stays = held(payments(library, 1.0, Law((Stage(8, -0.003, 0.003),))), draws, Law((Stage(8, -0.003, 0.003),)))
    assert never[0] == pytest.approx(2 * 0.003 + 3 * 0.0001)
    assert stays[0] == 0


def test_calm_payments_are_counted_across_windows_and_a_loud_one_begins_anew() -> None:
    hourly = Law((Stage(1, -0.003, 0.003, 1.0, 0.00025, 12, 4.0), Stage(4, -0.003, 0.003, 1.0)))
    calm, loud = np.full((1, 4), 0.0001), np.array([[0.001, 0.0001, 0.0001, 0.0001]])
    table = payments(np.concatenate([calm, loud]), 1.0, hourly)
    _, moved = held(table, np.array([[0, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0], [0, 1, 0, 1, 0, 1]]), hourly)
    assert (moved * 6).round().tolist() == [3, 0, 0]
    _, later = held(table, np.array([[1, 0, 0, 0, 0]]), hourly)  # three calm at the end of the loud window, then twelve in three more
    assert (later * 5).round().tolist() == [1]


def test_calm_payments_of_another_interval_do_not_count() -> None:
    law = Law((Stage(4, -0.003, 0.003, 1.0, 0.00025), Stage(1, -0.003, 0.003, 1.0, 0.00025, 9, 4.0)))
    loud_then_calm = np.array([[0.001] * 4 + [0.00001] * 4])
    table = payments(np.concatenate([loud_then_calm, np.full((1, 8), 0.0001)]), 1.0, law)
    _, moved = held(table, np.array([[0, 1, 1, 1]]), law)
    assert moved[0] == pytest.approx(2 / 4)  # eight calm hours are one too few, sixteen are enough
