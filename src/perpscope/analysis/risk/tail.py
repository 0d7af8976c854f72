"""How much is lost in the worst few of a hundred cases?

Losses are positive where the position pays. The value at risk is the smallest loss that is not exceeded with the given probability; the
expected shortfall is the mean of the worst cases, the atom at the value at risk counted only as far as it belongs to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def value_at_risk(losses: Floats, level: float) -> float:
    """Smallest loss x of the sample with P(loss <= x) >= level.

    Parameters
    ----------
    losses : (n,) money, positive is paid. level : 0 < level < 1.

    Raises
    ------
    InputError
        Without losses, or with a level outside (0, 1).

    **Source** the definition of the lower quantile.

    Examples
    --------
    >>> import numpy as np
    >>> value_at_risk(np.array([1.0, 2.0, 3.0, 4.0]), 0.75)
    3.0
    """
    import math

    import numpy as np

    if not len(losses) or not 0 < level < 1:
        raise InputError("a value at risk", f"{len(losses)} losses at the level {level}", "Give losses, and a level between 0 and 1.")
    place = max(math.ceil(level * len(losses) - 1e-9) - 1, 0)  # 0.95 x 100 is 95.00000000000001 or 94.99999999999999 in doubles
    return float(np.partition(losses, place)[place])


def expected_shortfall(losses: Floats, level: float) -> float:
    """Mean loss in the worst 1 - level of the cases.

    Parameters
    ----------
    losses : (n,) money, positive is paid. level : 0 < level < 1.

    **Source** Acerbi and Tasche (2002), On the coherence of expected shortfall, definition for distributions with atoms.

    Examples
    --------
    >>> import numpy as np
    >>> expected_shortfall(np.array([1.0, 2.0, 3.0, 4.0]), 0.75)
    4.0
    """
    var = value_at_risk(losses, level)
    beyond = losses > var
    share = float(beyond.mean())
    return float((losses[beyond].sum() / len(losses) + var * (1 - level - share)) / (1 - level))
