"""Which signs of invention does a window of rates show, and what is each worth?

The worth of a sign is at most -log10 of how often real windows show it, counted on 317,000 real fixings of 90 series of ten
venues, in windows of four lengths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perpscope.store.quality import _evidence as evidence
from perpscope.store.quality._series import Flags, Floats, Ints, Series

LENGTHS = (360, 720, 1500, 3000)
LIVELY = 0.9
"""Windows in which one value makes up more than this share say nothing."""
DISTINCT = 20
"""Different values a window needs before the shape of their distribution says anything: few decimals have no shape."""
EXACT = 5e-11
FLOAT32 = 1.2e-7


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign.

    Parameters
    ----------
    name : of the figure. words : how it is told, with {0} for the figure and {1} for what real windows have at least.
    limits, worth : by window length. A window shows the sign when its figure is below the limit (above, where `above`).
    """

    name: str
    words: str
    limits: tuple[float, ...]
    worth: tuple[float, ...]
    above: bool = False

    def shown(self, figure: Floats, size: int) -> Flags:
        """Which windows of one length show it."""
        return figure > self.limits[size] if self.above else figure < self.limits[size]

    def tell(self, figure: float, size: int) -> str:
        """Write it with its figure."""
        return self.words.format(figure, TYPICAL_MEMORY[size])


TYPICAL_MEMORY = (4.0, 12.0, 88.0, 455.0)
"""Ljung-Box figure that 99 of 100 real windows of each length reach."""
SIGNS = (
    Sign("memory", "no memory (Ljung-Box {0:.1f} deviations, 99 % of real windows {1:.0f} and more)", (3, 5, 8, 12), (2.2, 2.9, 4.0, 4.0)),
    Sign("bell", "changes follow the bell curve (Jarque-Bera {0:.1f}, real windows are fat-tailed)", (9, 9, 13, 20), (1.5, 2.3, 3.0, 3.5)),
    Sign("calm", "no quiet and wild times (clustering {0:.1f} deviations)", (3, 3, 3, 3), (0.2, 0.4, 1.0, 2.0)),
    Sign("even", "values spread evenly between two ends (kurtosis {0:.2f})", (2.0, 2.0, 2.0, 2.0), (2.9, 2.9, 3.0, 3.0)),
    Sign("atom", "rests {0:.0f} times on an interest, where a clamp must lead", (2.5, 4.5, 8.5, 16.5), (2.2, 2.6, 3.0, 3.0)),
    Sign("tone", "one period makes up {0:.0%} of all movement", (0.5, 0.5, 0.5, 0.5), (3.0, 3.0, 3.0, 3.0), above=True),
    Sign("digits", "{0:.0%} of the rates have more decimals than the venue publishes", (0.5,) * 4, (1.5,) * 4, above=True),
)
"""Counts over 1,679, 849, 338 and 141 real windows of the four lengths: memory 10, 0, 0, 0 below its limit (the least at 1,500
rows is 27, at 3,000 rows 219); bell 56, 4, 0, 0 (the least 57 and 600); calm 424, 95, 3, 0 (the least at 3,000 rows 15); even
2, 0, 0, 0; tone 0 of all; atom 8, 2, 0, 0 of 1,507, 748, 287 and 110 with a known interest (a few hits come by chance). Calm
and bell come together, so calm counts little until it is out of reach; digits have honest causes, so they count little too."""
ALONE = Sign("alone", "moves with no other contract of the coin (rank correlation {0:.2f})", (0.1,) * 4, (2.0, 2.3, 2.6, 2.6))
"""Looked at only where the others nearly suffice. Of 2,132 windows of 240 real rows with references 1.4 % were below the limit, of
674 windows of 720 rows 0.4 %."""


def figures(series: Series, interest_8h: Sequence[float] | None, decimals: int | None, starts: Ints, length: int) -> dict[str, Floats]:
    """Every figure of every window; dead windows get figures that show nothing."""
    index = starts[:, None] + np.arange(length)
    rate = (series.rate / series.hours)[index]
    rank, surprise = evidence.ranks(rate), evidence.surprises(rate)
    out = {
        "memory": evidence.portmanteau(rank, evidence.MEMORY_LAGS),
        "bell": evidence.bell(surprise),
        "calm": evidence.portmanteau(evidence.ranks(np.abs(surprise)), evidence.CALM_LAGS),
        "even": evidence.kurtosis(rate),
        "tone": evidence.tone(rank),
    }
    if interest_8h:
        out["atom"] = at_interest(series, interest_8h)[index].sum(axis=1).astype(np.float64)
    if decimals is not None:
        out["digits"] = _odd_digits(series.rate, decimals)[index].mean(axis=1)
    ordered = np.sort(rate, axis=1)
    alive = (rate == ordered[:, length // 2, None]).mean(axis=1) <= LIVELY
    fine = (ordered[:, 1:] != ordered[:, :-1]).sum(axis=1) >= DISTINCT
    silent = {name: -np.inf if name in {"tone", "digits"} else np.inf for name in out}
    return {name: np.where(alive & fine if name in {"bell", "even"} else alive, figure, silent[name]) for name, figure in out.items()}


def at_interest(series: Series, interest_8h: Sequence[float]) -> Flags:
    """Rows that rest on one of the interests."""
    hit = np.zeros(len(series), bool)
    for atom in interest_8h:
        hit |= np.abs(series.rate - atom * series.hours / 8) <= EXACT
    return hit


def _odd_digits(rate: Floats, decimals: int) -> Flags:
    """Rates with more decimals than published, beyond what float32 adds."""
    scale = 10.0**decimals
    return np.asarray(np.abs(rate * scale - np.round(rate * scale)) > 1e-4 + FLOAT32 * np.abs(rate) * scale)
