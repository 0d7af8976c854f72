"""Between which premiums does nothing pull, and where does the pull begin?

The next change of a premium is a line with two bends: one slope inside a band, others below and above it. The band that
explains the changes best is searched on a grid; how sure its edges are, by drawing whole blocks of time again. Nobody
tells the search what any rule says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.errors import InputError, NotEnoughData

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

LEAST_BLOCKS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The band that explains best.

    Parameters
    ----------
    low, high : its edges, as premiums. low_interval, high_interval : 2.5 and 97.5 percentiles of the edges of resamples.
    inside, below, above : share of a premium that is gone a step later inside the band, and of its excess beyond an edge.
    explained : share of the variance of changes explained by the bent line; straight : by a straight one.
    grid : (lows, highs) explained share at every pair of edges; nan where they cross. n, draws : steps, resamples.
    """

    low: float
    high: float
    low_interval: tuple[float, float]
    high_interval: tuple[float, float]
    inside: float
    below: float
    above: float
    explained: float
    straight: float
    grid: Vector
    n: int
    draws: int


def find_edges(premium: Vector, change: Vector, lows: Vector, highs: Vector, *, block: int, draws: int, rng: np.random.Generator) -> Edges:
    """Search the band whose bent line explains the next changes best.

    Parameters
    ----------
    premium, change : (n,) in time order. lows, highs : (a,), (b,) rising candidates for the edges, in the unit of the premium.
    block : steps a block holds; resamples draw whole blocks. draws : resamples. rng : numpy Generator.

    Raises
    ------
    NotEnoughData
        When there are fewer than ten blocks.

    Source: least squares with two unknown bends; Hansen (2017), "Regression kink with an unknown threshold", for the one-bend case.
    """
    import numpy as np

    blocks = len(premium) // block
    if blocks < LEAST_BLOCKS:
        raise NotEnoughData("edges of a band", f"{blocks} blocks of {block} steps", f"Give at least {LEAST_BLOCKS} blocks.")
    if not len(lows) or not len(highs):
        raise InputError("edges of a band", "no candidates", "Give some for either edge.")
    products = _products(premium, change, lows, highs, block, blocks)
    whole = products.sum(axis=0)
    pairs = [(i, j) for i, low in enumerate(lows) for j, high in enumerate(highs) if low < high]
    explained, slopes = _fitted(whole[None], pairs, len(lows))
    best = int(np.argmax(explained[0]))
    chosen = rng.integers(0, blocks, size=(draws, blocks))
    weights = np.stack([np.bincount(row, minlength=blocks) for row in chosen]).astype(np.float64)
    again, _ = _fitted(np.tensordot(weights, products, axes=1), pairs, len(lows))
    found = np.array([pairs[k] for k in np.argmax(again, axis=1)])
    grid = np.full((len(lows), len(highs)), np.nan)
    for (i, j), value in zip(pairs, explained[0], strict=True):
        grid[i, j] = value
    i, j = pairs[best]
    inside, below, above = (-float(x) for x in slopes[0, best])
    return Edges(
        low=float(lows[i]),
        high=float(highs[j]),
        low_interval=_span(lows[found[:, 0]]),
        high_interval=_span(highs[found[:, 1]]),
        inside=inside,
        below=inside + below,
        above=inside + above,
        explained=float(explained[0, best]),
        straight=_straight(whole),
        grid=grid,
        n=blocks * block,
        draws=draws,
    )


def _span(values: Vector) -> tuple[float, float]:
    import numpy as np

    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def _products(premium: Vector, change: Vector, lows: Vector, highs: Vector, block: int, blocks: int) -> Vector:
    """Sum the products of every pair of columns, block by block; columns: 1, change, premium, every lower excess, every upper one."""
    import numpy as np

    x, y = premium[: blocks * block], change[: blocks * block]
    below = np.minimum(x[:, None] - lows, 0.0)
    above = np.maximum(x[:, None] - highs, 0.0)
    columns = np.column_stack([np.ones_like(x), y, x, below, above]).reshape(blocks, block, -1)
    return np.asarray(np.matmul(columns.transpose(0, 2, 1), columns))


def _fitted(products: Vector, pairs: list[tuple[int, int]], lows: int) -> tuple[Vector, Vector]:
    """Explained share and slopes (premium, below, above) for every sum of products and every pair of edges."""
    import numpy as np

    total = products[:, 1, 1] - products[:, 0, 1] ** 2 / products[:, 0, 0]
    chosen = np.array([[0, 2, 3 + i, 3 + lows + j] for i, j in pairs])
    design = products[:, chosen[:, :, None], chosen[:, None, :]]
    scale = np.sqrt(np.maximum(np.diagonal(design, axis1=-2, axis2=-1), 1e-300))
    scaled = design / (scale[..., :, None] * scale[..., None, :]) + 1e-12 * np.eye(4)
    right = products[:, 1, chosen] / scale
    coef = np.linalg.solve(scaled, right[..., None])[..., 0]
    mean = products[:, 0, 1] ** 2 / products[:, 0, 0]
    explained = ((coef * right).sum(axis=-1) - mean[:, None]) / total[:, None]
    return explained, (coef / scale)[..., 1:]


def _straight(whole: Vector) -> float:
    """Explained share of a straight line."""
    n, sx, sy = whole[0, 0], whole[0, 2], whole[0, 1]
    sxx, syy, sxy = whole[2, 2] - sx**2 / n, whole[1, 1] - sy**2 / n, whole[1, 2] - sx * sy / n
    return float(sxy**2 / (sxx * syy)) if sxx > 0 and syy > 0 else 0.0
