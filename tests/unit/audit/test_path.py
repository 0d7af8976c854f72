"""The cheapest cut of a history, where a change may lie, and values returned to beyond chance."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from perpscope.audit.infer.path import Stretch, best_path, change_span, overconfidence, penalty
from perpscope.audit.infer.piles import piles, simplest


@pytest.mark.parametrize("seed", range(20))
def test_the_path_is_the_best_of_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 1, (6, 3))
    change = float(rng.uniform(0, 2))

    def worth(states: tuple[int, ...]) -> float:
        return sum(float(scores[k, s]) for k, s in enumerate(states)) - change * sum(a != b for a, b in itertools.pairwise(states))

    best = max(itertools.product(range(3), repeat=6), key=worth)
    found = tuple(s.state for s in best_path(scores, change) for _ in range(s.first, s.stop))
    assert worth(found) == pytest.approx(worth(best))


def test_stretches_cover_every_row_once() -> None:
    scores = np.zeros((9, 2))
    scores[:3, 0] = scores[3:6, 1] = scores[6:, 0] = 5
    assert best_path(scores, 1.0) == [Stretch(0, 3, 0), Stretch(3, 6, 1), Stretch(6, 9, 0)]
    assert best_path(scores, 100.0) == [Stretch(0, 9, 0)]
    assert best_path(np.zeros((0, 2)), 1.0) == []


def test_a_change_lies_wherever_nothing_speaks_against_it() -> None:
    scores = np.zeros((10, 2))
    scores[:3, 0] = 9
    scores[6:, 1] = 9
    before, after = best_path(scores, 1.0)
    assert change_span(scores, before, after) == (3, 6)


def test_true_likelihoods_are_not_overconfident_and_repeated_ones_are() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, 4000)
    scores = np.column_stack([-(x**2) / 2, -((x - 1) ** 2) / 2])
    path = [Stretch(0, 4000, 0)]
    assert overconfidence(scores, path) == pytest.approx(1.0, abs=0.15)
    assert overconfidence(4 * scores, path) == pytest.approx(4.0, rel=0.15)


def test_the_penalty_grows_with_what_must_be_named() -> None:
    assert penalty(1000, 50) == pytest.approx(np.log(1000) + np.log(50))


def test_piles_are_values_beyond_chance() -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.normal(0, 1e-3, 2000).round(8), np.full(40, 0.0005)])
    (pile,) = piles(values, 1e-8)
    assert (pile.value, pile.hits) == (0.0005, 40)
    assert piles(rng.normal(0, 1e-3, 2000).round(4), 1e-4) == [], "few decimals repeat by chance"
    assert piles(np.array([np.nan]), 1e-8) == []


@pytest.mark.parametrize(
    ("value", "within", "short"),
    [(0.000500003, 1e-8, 0.0005), (0.00012345, 1e-9, 0.00012345), (3e-9, 1e-8, 0.0), (-0.0002501, 1e-6, -0.00025)],
)
def test_the_simplest_number_within(value: float, within: float, short: float) -> None:
    assert simplest(value, within) == pytest.approx(short, abs=1e-15)
