"""Does the pooled regression agree with linearmodels, and the regression of funding with a plain reading of its sentence?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from linearmodels.panel import PanelOLS

from perpscope.analysis.inference.panel import pooled
from perpscope.errors import InputError, NotEnoughData


def made(seed: int, *, holes: bool) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    times, entities = 220, 5
    news = np.zeros(times)
    for i in range(1, times):
        news[i] = 0.6 * news[i - 1] + rng.standard_normal()
    frame = pd.DataFrame(
        [
            (e, t, rng.standard_normal() + news[t], rng.standard_normal() * (e + 1), news[t] + rng.standard_normal())
            for e in range(entities)
            for t in range(times)
        ],
        columns=["entity", "time", "a", "b", "noise"],
    )
    frame["y"] = 0.5 * frame["a"] - 0.1 * frame["b"] + frame["entity"] + frame["noise"]
    return frame.sample(frac=0.8, random_state=seed) if holes else frame


@pytest.mark.parametrize("holes", [False, True])
@pytest.mark.parametrize("lags", [0, 4, 30])
def test_entity_effects_and_driscoll_kraay_errors(lags: int, holes: bool) -> None:  # noqa: FBT001 - a parameter of the test
    frame = made(lags + 1, holes=holes)
    ours = pooled(frame["y"], frame[["a", "b"]], frame["entity"], frame["time"], ("a", "b"), lags)
    indexed = frame.set_index(["entity", "time"]).sort_index()
    model = PanelOLS(indexed["y"], indexed[["a", "b"]], entity_effects=True)
    theirs = model.fit(cov_type="kernel", kernel="bartlett", bandwidth=lags, debiased=True)
    np.testing.assert_allclose(ours.coef, theirs.params, rtol=1e-10)
    np.testing.assert_allclose(ours.se_dk, theirs.std_errors, rtol=1e-10)
    np.testing.assert_allclose(ours.p, theirs.pvalues, rtol=1e-8)
    np.testing.assert_allclose(ours.r2, theirs.rsquared_within, rtol=1e-10)
    np.testing.assert_allclose(ours.se_plain, model.fit(cov_type="unadjusted", debiased=True).std_errors, rtol=1e-10)
    assert (ours.n, ours.entities, ours.times) == (len(frame), 5, 220)


def test_a_pool_refuses_what_it_cannot_tell() -> None:
    with pytest.raises(InputError, match="within entities"):
        pooled([1.0, 2.0, 3.0, 5.0, 8.0], [[1.0], [1.0], [2.0], [2.0], [2.0]], [0, 0, 1, 1, 1], [0, 1, 0, 1, 2], ["fixed"])
    with pytest.raises(InputError, match="one row"):
        pooled([1.0, 2.0], [[1.0]], [0, 0], [0, 1], ["x"])
    with pytest.raises(NotEnoughData):
        pooled([1.0, 2.0], [[1.0], [2.0]], [0, 1], [0, 0], ["x"])
