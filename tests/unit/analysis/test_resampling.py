"""Are resamples made of blocks, repeatable, and refused where they make no sense; do step-down tests keep their promise?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perpscope.analysis.inference import bootstrap as module
from perpscope.analysis.inference.bootstrap import block_indices, block_length, bootstrap, bootstrap_mean
from perpscope.analysis.inference.multiple import benjamini_hochberg, holm, step_down
from perpscope.errors import InputError, NotEnoughData

if TYPE_CHECKING:
    from perpscope.analysis.inference.bootstrap import Kind

KINDS: tuple[Kind, ...] = ("stationary", "circular", "moving")


@given(st.integers(1, 60), st.data())
def test_fixed_blocks_are_runs_of_neighbours(n: int, data: st.DataObject) -> None:
    block = data.draw(st.integers(1, n))
    for kind in KINDS[1:]:
        drawn = block_indices(n, block, 3, np.random.default_rng(n), kind)
        assert drawn.shape == (3, n)
        inside = np.arange(1, n) % block != 0
        assert (np.diff(drawn, axis=1)[:, inside] % n == 1 % n).all()
        if kind == "moving":
            assert (np.diff(drawn, axis=1)[:, inside] == 1).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_draws_and_every_row_is_drawn_as_often(kind: Kind) -> None:
    first, second = (block_indices(50, 5, 4000, np.random.default_rng(7), kind) for _ in range(2))
    assert (first == second).all()
    counts = np.bincount(first.ravel(), minlength=50) / 4000
    inner = counts[5:-5]  # rows at the ends stand in fewer blocks that do not run over
    assert abs(inner - inner.mean()).max() < 0.12


def test_slices_of_memory_hold_all_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CELLS", 70)
    x = np.arange(30.0)
    assert bootstrap(x, lambda d: d.mean(axis=1), 3, 11, np.random.default_rng(1)).shape == (11,)
    together = bootstrap(np.column_stack([x, 2 * x]), lambda d: d.mean(axis=1), 3, 5, np.random.default_rng(1))
    np.testing.assert_allclose(together[:, 1], 2 * together[:, 0])


def test_memory_widens_the_interval() -> None:
    slow = np.random.default_rng(0).standard_normal(800)
    for i in range(1, 800):
        slow[i] += 0.9 * slow[i - 1]
    plain = bootstrap_mean(slow, np.random.default_rng(1), block=1)
    blocked = bootstrap_mean(slow, np.random.default_rng(1))
    assert blocked.block > 5
    assert blocked.se > 2 * plain.se


def test_a_constant_needs_no_blocks_and_has_no_scatter() -> None:
    found = bootstrap_mean(np.full(30, 2.0), np.random.default_rng(1))
    assert (found.block, found.mean, found.low, found.high, found.se) == (1.0, 2.0, 2.0, 2.0, 0.0)


def test_what_makes_no_sense_is_refused() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(InputError, match="from 1 to 10"):
        block_indices(10, 11, 1, rng)
    with pytest.raises(InputError, match="kind"):
        block_indices(10, 2, 1, rng, "overlapping")  # type: ignore[arg-type] # what is tried
    with pytest.raises(NotEnoughData):
        block_length([1.0, 2.0])
    with pytest.raises(InputError, match="finite"):
        bootstrap_mean([1.0, float("nan")], rng)
    with pytest.raises(InputError, match="p-values"):
        holm([0.5, 1.5])
    with pytest.raises(InputError, match="one column per statistic"):
        step_down([1.0], [[1.0, 2.0]])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusting_raises_p_values_and_keeps_their_order(p: list[float]) -> None:
    values = np.array(p)
    for adjusted in (holm(p), benjamini_hochberg(p)):
        assert (adjusted >= values - 1e-15).all()
        assert (np.diff(adjusted[np.argsort(values, kind="stable")]) >= 0).all()
    assert (benjamini_hochberg(p) <= holm(p) + 1e-15).all()


def test_the_step_down_is_that_of_the_definition() -> None:
    rng = np.random.default_rng(3)
    observed, draws = rng.standard_normal(6) * 2, rng.standard_normal((400, 6))
    left, expected, worst = list(range(6)), {}, 0.0
    while left:
        top = max(left, key=lambda i: abs(observed[i]))
        beyond = sum(max(abs(row[i]) for i in left) >= abs(observed[top]) for row in draws)
        worst = max(worst, (1 + beyond) / 401)
        expected[top] = worst
        left.remove(top)
    np.testing.assert_allclose(step_down(observed, draws), [expected[i] for i in range(6)], rtol=1e-15)


def test_the_step_down_gains_from_tests_that_move_together() -> None:
    rng = np.random.default_rng(4)
    one = rng.standard_normal(5000)
    together, apart = np.column_stack([one] * 20), rng.standard_normal((5000, 20))
    observed = np.full(20, 2.2)
    assert step_down(observed, together).max() < 0.05 < step_down(observed, apart).min()


def test_one_false_finding_is_as_rare_as_promised() -> None:
    """600 worlds of ten true nulls at 10 %: the share with any finding has a standard error of 1.2 %."""
    rng = np.random.default_rng(5)
    mix = np.linalg.cholesky(0.5 * np.eye(10) + 0.5)
    null = rng.standard_normal((1500, 10)) @ mix.T
    found = [bool((step_down(rng.standard_normal(10) @ mix.T, null) <= 0.1).any()) for _ in range(600)]
    assert 0.06 < np.mean(found) < 0.14
