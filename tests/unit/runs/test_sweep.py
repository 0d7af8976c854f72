"""Is a sweep what its backtests are, is its search judged, and is it the same by whoever did it?"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from perpscope.errors import InputError, NotEnoughData
from perpscope.runs.backtest import run_on
from perpscope.runs.executors.choose import executor
from perpscope.runs.registry import Registry
from perpscope.runs.sweep import BATCH, Walking, best_of, run_sweep, version
from perpscope.runs.sweep_told import document, ranked
from perpscope.trading.sweep.grid import Grid, ParameterSet
from perpscope.trading.sweep.scores import Scores
from perpscope.units import MS_PER_DAY, MS_PER_HOUR
from tests.unit.runs.swept import asked, months

if TYPE_CHECKING:
    from pathlib import Path

    from perpscope.runs.sweep import Asked
    from perpscope.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return months(tmp_path_factory.mktemp("months"))


def test_each_set_is_its_backtest(store: Store) -> None:
    question = asked()
    found = run_sweep(store, question)
    for number in (0, 7, found.best, len(found.sets) - 1):
        own = found.sets[number]
        legs = tuple(replace(leg, leverage=1 if leg.market == "spot" else own.leverage) for leg in question.question.trade.legs)
        trade = replace(question.question.trade, legs=legs, policy=own.policy)
        alone = run_on(found.gathered, replace(question.question, trade=trade))
        assert found.scored.net_return[number] == pytest.approx(alone.answers["net_return"], abs=1e-9)
        assert (found.totals[number, 4], found.totals[number, 5]) == (alone.answers["trades"], alone.answers["liquidations"])


def test_windows_choose_judge_and_do_not_overlap(store: Store) -> None:
    found = run_sweep(store, asked())
    assert len(found.chosen) == 3
    assert found.purge_ms == 24 * MS_PER_HOUR
    for one in found.chosen:
        assert one.fold.train[1] + found.purge_ms == one.fold.test[0]
        assert one.fold.test[1] - one.fold.test[0] == 20 * MS_PER_DAY
        alone = run_sweep(store, _window(one.fold.train))
        assert alone.best == one.number
        assert alone.scored.sharpe[alone.best] == one.train.sharpe
        after = run_sweep(store, _window(one.fold.test))
        assert after.scored.net_return[one.number] == one.test.net_return
        assert ranked(after).index(one.number) + 1 >= one.rank


def _window(span: tuple[int, int]) -> Asked:
    own = asked(walking=Walking(1000, 1000))
    return replace(own, question=replace(own.question, wanted=replace(own.question.wanted, start=span[0], end=span[1] - 1)))


def test_executors_and_repetition_give_the_same_bytes(store: Store, tmp_path: Path) -> None:
    first = run_sweep(store, asked(), registry=Registry(tmp_path))
    others = run_sweep(store, asked(), executor("processes", 2)), run_sweep(store, asked(), registry=Registry(tmp_path))
    texts = {json.dumps(document(found, 5), sort_keys=True) for found in (first, *others)}
    assert len(texts) == 1
    assert (first.found, others[1].computed) == (0, 0)
    assert first.computed == others[1].found == 7 * -(-len(first.sets) // BATCH)


def test_the_document_says_what_was_found_and_what_of_it_is_luck(store: Store) -> None:
    found = document(run_sweep(store, asked()), 4)
    json.dumps(found, allow_nan=False)
    assert found["trials"] == 32
    assert found["dropped"] == 4
    assert 1 <= found["effective_trials"] <= 32
    assert len(found["sets"]) == 4
    assert found["best"]["parameters"] == {name: found["sets"][0][name] for name in found["best"]["parameters"]}
    assert 0 <= found["deflated_sharpe"]["probability"] <= found["deflated_sharpe"]["probability_if_alone"] <= 1
    assert found["reality_check"]["hansen_p"]["lower"] <= found["reality_check"]["hansen_p"]["upper"]
    assert len(found["walk_forward"]["windows"]) == found["best"]["out_of_sample"]["windows"] == 3
    assert len(found["luck"]) == 4
    assert "independent ones" in found["luck"][0]
    assert found["certificate"]["digest"]


def test_a_short_history_is_not_walked_and_says_so(store: Store) -> None:
    found = document(run_sweep(store, asked(walking=Walking())), 1)
    assert found["walk_forward"] is None
    assert "shorter than a training window" in found["why_not_walked"]
    assert found["best"]["out_of_sample"] is None
    with pytest.raises(NotEnoughData, match="shorter than a training window"):
        run_sweep(store, asked(walking=Walking(required=True)))


def test_sets_that_never_trade_are_not_judged_and_come_last(store: Store) -> None:
    never = Grid.of({"enter": (5.0, 6.0)})
    found = document(run_sweep(store, asked(grid=never)), 5)
    assert found["deflated_sharpe"] is None
    assert "never trades" in found["why_not_judged"]
    assert found["why_not_walked"] == "no set trades in any training window"
    assert found["sets"][0]["sharpe"] is None
    mixed = run_sweep(store, asked(grid=Grid.of({"enter": (5.0, 0.0)})))
    assert ranked(mixed) == [1, 0]


def test_what_is_best_is_said() -> None:
    found = Scores(*(np.array([1.0, 2.0, math.nan]), np.array([1.0, 2.0, 3.0]), np.array([math.nan, 1.0, 1.0]), np.zeros(3)))
    assert best_of(found, "sharpe") == 1
    assert best_of(found, "net_return") == 1
    with pytest.raises(InputError, match="sharpe or net_return"):
        best_of(found, "luck")  # type: ignore[arg-type]  # what nobody defined


def test_a_strict_sweep_refuses_what_a_strict_backtest_does(store: Store) -> None:
    own = asked()
    with pytest.raises(NotEnoughData, match="is not the one its rule names"):
        run_sweep(store, replace(own, question=replace(own.question, strict=True)))


def test_another_text_of_the_kernels_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = version()
    version.cache_clear()
    monkeypatch.setattr("perpscope.runs.sweep.inspect.getsource", lambda _thing: "another text")
    assert version() != before
    version.cache_clear()


def test_a_single_set_is_a_sweep_of_one(store: Store) -> None:
    found = run_sweep(store, asked(grid=Grid.of({"enter": (0.05,)})))
    assert found.sets == (ParameterSet(enter=0.05),)
    assert found.verdict is not None
    assert found.verdict.effective == 1
    assert found.verdict.deflated.threshold == 0
