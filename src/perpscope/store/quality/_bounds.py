"""Do rates lie beyond the venue's limit?

Certain where the cap given is the loosest that ever held: a venue that limits its rate does not publish more. Without
a cap nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from perpscope.store.quality._series import Series, spans
from perpscope.store.quality.facts import VenueFacts
from perpscope.store.quality.problem import Problem, count, when

ROUNDING = 1e-6
"""Relative slack: the error of a float32 rate is 6e-8, the last of eight decimals at a cap of 0.003 is 3e-6 of it and never exceeds it."""


def find_beyond_cap(series: Series, facts: VenueFacts) -> Iterator[Problem]:
    """Tell every run of rates beyond the cap."""
    if facts.cap is None:
        return
    for first, last in spans(np.abs(series.rate) > facts.cap * (1 + ROUNDING)):
        peak = series.rate[first : last + 1][np.abs(series.rate[first : last + 1]).argmax()]
        yield Problem(
            "cap",
            int(series.ts[first]),
            int(series.ts[last]),
            f"{count(last - first + 1, 'rate')} from {when(series.ts[first])} on beyond the venue's limit of {facts.cap:.4%}: up to"
            f" {peak:.4%} ({abs(peak) / facts.cap:.3g} times). Percent for fraction, a wrong contract,"
            " or a typing error: look it up at the venue.",
        )
