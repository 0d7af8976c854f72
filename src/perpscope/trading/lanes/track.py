"""What do the lanes run on? One pair of legs as columns on a common clock, and the terms both legs trade under.

Rows are instants at which prices become known, or funding is paid in between. Stretches are the rows after one stamp of funding up to and
with the next: inside a stretch no rate becomes known, so the signal does not change, and money moves by orders and liquidations only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from perpscope.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

    Era: TypeAlias = tuple[int, tuple[float, float, float, float]]  # first row, and the costs from there on


class Side(NamedTuple):
    """One leg's columns, quote units per base unit.

    Parameters
    ----------
    price, mark : at which orders fill before costs, and by which margins go.
    bad : extreme of the mark against the leg (the high for a short one, the low for a long one); the mark where not at hand. 0 for a
        short and infinite for a long leg that has no bar in the row.
    good : where the bar came from: its first mark, or its other extreme. gap : price of a liquidation that found no better.
    owed : (stretches,) what one base unit held long owes for the funding due in the last row of each; 0 where none is.
    worst : (stretches,) worst `bad` of each.
    """

    price: Floats
    mark: Floats
    bad: Floats
    good: Floats
    gap: Floats
    owed: Floats
    worst: Floats


class Track(NamedTuple):
    """One pair of legs.

    Parameters
    ----------
    at : ms UTC, rising. decides : whether orders can be placed in the row: both legs have a price.
    ends : last row of each stretch; the last one ends with the rows. signals : (looks, stretches) expected carry, simple annual; NaN where
        too few fixings are known.
    eras : first row of each era of costs, the first one 0. costs : (eras, 4) of a fill that opens the short leg, closes it, opens the long
        one, closes it: fee and what it is worse than the trade price, fractions of the notional.
    short, long : the legs.
    """

    at: Ints
    decides: Flags
    ends: Ints
    signals: Floats
    eras: Ints
    costs: Floats
    short: Side
    long: Side


class LegTerms(NamedTuple):
    """What one leg trades under, fractions of its notional.

    Parameters
    ----------
    divisor : 1 + maintenance and closing fee for a short leg, 1 - the same for a long one; infinite for what nobody liquidates.
    need : maintenance and closing fee, -infinite for that. penalty : of a liquidation.
    """

    divisor: float
    need: float
    penalty: float


class Terms(NamedTuple):
    """What a trade runs under.

    Parameters
    ----------
    short, long : of the legs. buffer : idle money per unit of notional.
    by_short : whether the short leg is the first, by whose price the notional is turned into base units.
    unit : money below which nothing is opened any more.
    """

    short: LegTerms
    long: LegTerms
    buffer: float
    by_short: bool
    unit: float = 1e-8


class Market(NamedTuple):
    """One leg before it is cut into stretches.

    Parameters
    ----------
    price, mark, bad, good, gap : as in `Side`. rows : (n,) row in which each fixing is paid, not falling. owed : (n,) what one base unit
        held long owes for it. rates : (before + n,) simple annual rates, those before the first row first. before : how many they are.
    safe : whether nobody liquidates it, so that its worst prices need not be known.
    """

    price: Floats
    mark: Floats
    bad: Floats
    good: Floats
    gap: Floats
    rows: Ints
    owed: Floats
    rates: Floats
    before: int = 0
    safe: bool = False

    @classmethod
    def spot(cls, price: Floats, mark: Floats, bad: Floats, good: Floats, gap: Floats) -> Market:
        """Build a leg that pays no funding and is not liquidated."""
        import numpy as np

        return cls(price, mark, bad, good, gap, np.empty(0, dtype=np.int64), np.empty(0), np.empty(0), safe=True)

    @classmethod
    def closes(cls, price: Floats, rows: Ints | None = None, owed: Floats | None = None, rates: Floats | None = None) -> Market:
        """Build a leg of which one price a bar is known, for everything; without rates it is spot."""
        if rows is None or owed is None or rates is None:
            return cls.spot(price, price, price, price, price)
        return cls(price, price, price, price, price, rows, owed, rates)


def lay(at: Ints, decides: Flags, short: Market, long: Market, looks: Sequence[int], eras: Sequence[Era]) -> Track:
    """Cut a pair of legs into stretches, and work out what is the same for all parameter sets.

    Parameters
    ----------
    at, decides : as in `Track`. short, long : the legs. looks : fixings looked at, one signal for each, in this order. eras : of costs,
        the first from row 0 on.

    Raises
    ------
    InputError
        When there are no rows or no fixings, or a look is none.
    """
    import numpy as np

    if not len(at) or not (len(short.rows) or len(long.rows)):
        raise InputError("a lane", f"{len(at)} rows, {len(short.rows) + len(long.rows)} fixings", "Give prices, and funding of a leg.")
    if not looks or min(looks) < 1:
        raise InputError("a lane", f"looks {list(looks)}", "Give numbers of fixings, 1 or more.")
    stamps = len(short.rows) + len(long.rows) + 1
    ends, short_known, long_known = (np.empty(stamps + more, dtype=np.int64) for more in (0, 1, 1))
    n = lane_kernel("cut")(short.rows, long.rows, len(at) - 1, ends, short_known, long_known)
    ends, short_known, long_known = ends[:n], short_known[: n + 1], long_known[: n + 1]
    signals = np.zeros((len(looks), n))
    for own, look in zip(signals, looks, strict=True):
        for sign, leg, known in ((1.0, short, short_known), (-1.0, long, long_known)):
            if len(leg.rates):
                lane_kernel("means")(known, leg.before, leg.rates, look, sign, own)
    begins, costs = np.array([era[0] for era in eras], dtype=np.int64), np.array([era[1] for era in eras], dtype=np.float64)
    sides = _side(short, ends, short_known, 1.0), _side(long, ends, long_known, -1.0)
    return Track(at, decides, ends, signals, begins, costs, *sides)


def _side(leg: Market, ends: Ints, known: Ints, sign: float) -> Side:
    import numpy as np

    owed, worst = np.empty(len(ends)), np.full(len(ends), -sign * np.inf)
    lane_kernel("pour")(known, leg.owed, owed)
    if not leg.safe:
        lane_kernel("worst")(ends, leg.bad, sign, worst)
    return Side(leg.price, leg.mark, leg.bad, leg.good, leg.gap, owed, worst)


@cache
def lane_kernel(name: str) -> Any:  # noqa: ANN401 - machine code
    """Return a function of this room's `_kernels`, compiled."""
    from perpscope.mechanisms._kernels import compiled
    from perpscope.trading.lanes import _kernels

    return compiled(getattr(_kernels, name))
