"""Do our resamples and adjusted p-values agree with arch and statsmodels?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from arch.bootstrap import CircularBlockBootstrap, MovingBlockBootstrap, StationaryBootstrap, optimal_block_length
from statsmodels.stats.multitest import multipletests

from perpscope.analysis.inference.bootstrap import block_indices, block_length, bootstrap
from perpscope.analysis.inference.multiple import benjamini_hochberg, holm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from perpscope.analysis.inference.bootstrap import Kind

THEIRS = {"stationary": StationaryBootstrap, "circular": CircularBlockBootstrap, "moving": MovingBlockBootstrap}
BLOCK = 12
DRAWS = 4000


def made(seed: int, n: int = 360, memory: float = 0.7) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    for i in range(1, n):
        x[i] += memory * x[i - 1]
    return x


def means(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = drawn.mean(axis=1)
    return result


@pytest.mark.parametrize("kind", THEIRS)
def test_the_same_indices_give_the_same_statistic(kind: Kind) -> None:
    x = made(3)
    theirs: Any = THEIRS[kind](BLOCK, x, seed=5)
    for data, _ in theirs.bootstrap(20):
        np.testing.assert_allclose(means(x[np.asarray(theirs.index)][None])[0], np.mean(data[0]), rtol=1e-12)


@pytest.mark.parametrize("kind", THEIRS)
def test_the_scatter_is_the_same(kind: Kind) -> None:
    """Two samples of 4,000: their standard deviations scatter by 1.1 % each, their quantiles by about 3.5 % of one."""
    x = made(4)
    ours = bootstrap(x, means, BLOCK, DRAWS, np.random.default_rng(8), kind)
    theirs = np.asarray(THEIRS[kind](BLOCK, x, seed=9).apply(np.mean, DRAWS))[:, 0]
    spread = theirs.std()
    assert ours.std() == pytest.approx(spread, rel=0.06)
    levels = [0.025, 0.25, 0.5, 0.75, 0.975]
    np.testing.assert_allclose(np.quantile(ours, levels), np.quantile(theirs, levels), atol=0.18 * spread)


@pytest.mark.parametrize("memory", [0.0, 0.3, 0.9, -0.5])
@pytest.mark.parametrize("n", [40, 361, 2500])
def test_the_block_length_is_that_of_politis_and_white(memory: float, n: int) -> None:
    x = made(n, n, memory)
    theirs = optimal_block_length(x)
    for kind, name in (("stationary", "stationary"), ("circular", "circular"), ("moving", "circular")):
        assert block_length(x, kind) == pytest.approx(max(1.0, float(theirs[name].iloc[0])), rel=1e-10)  # type: ignore[arg-type] # three words


def test_lengths_of_stationary_blocks_are_geometric() -> None:
    drawn = block_indices(1000, 20, 300, np.random.default_rng(2), "stationary")
    breaks = (np.diff(drawn, axis=1) % 1000 != 1).mean()
    assert breaks == pytest.approx(1 / 20 * 999 / 1000, rel=0.03)  # a new block follows by chance once in a thousand


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_p_values(seed: int) -> None:
    p = np.random.default_rng(seed).random(17) ** 3
    p[3] = p[4]
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], rtol=1e-12)
    np.testing.assert_allclose(benjamini_hochberg(p), multipletests(p, method="fdr_bh")[1], rtol=1e-12)
