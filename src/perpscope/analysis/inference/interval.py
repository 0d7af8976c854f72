"""Within which bounds does an estimate lie, given its standard error?

One width everywhere: nineteen times in twenty by the normal distribution, the limit of every estimate here.
"""

from __future__ import annotations

Z95 = 1.96
"""Standard errors on either side of an estimate; also the least t that counts as different from nothing."""


def around(value: float, error: float) -> tuple[float, float]:
    """Return the 95 % interval of an estimate with this standard error, in the unit of both.

    **Source**: the normal limit of a mean; 1.96 is the 97.5 % quantile of the normal distribution to two digits.

    Examples
    --------
    >>> around(1.0, 0.5)
    (0.020000000000000018, 1.98)
    """
    return value - Z95 * error, value + Z95 * error
