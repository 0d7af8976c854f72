"""What is to be expected of a spread over the next days?"""

from __future__ import annotations

LEAST_DAYS = 30
"""Fewest pairs of neighbouring days an autoregression is fitted to."""


def expect(mean: float, phi: float, now: float, days: int) -> float:
    """Mean of the next `days` days that an autoregression of one day expects after a day of `now`.

    **Source**: E[y(t+k)] = m + phi^k (y(t) - m), averaged over k = 1..days.
    """
    return mean + (now - mean) * phi * (1.0 - phi**days) / (days * (1.0 - phi))
