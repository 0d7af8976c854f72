"""When does a contract change its interval, and to which?

Venues shorten it after a payment at a limit, so that a premium the limit cuts off is paid more often, and some lengthen it
again after a row of calm payments. When the new interval begins, the schedule says: at the next stamp of the new grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perpscope.errors import InputError
from perpscope.market.number import INF, Number, magnitude


@dataclass(frozen=True, slots=True)
class Switching:
    """How a venue changes the interval of a contract by itself.

    Parameters
    ----------
    at_limit : hours after a payment at cap or floor; 0 where such a payment changes nothing. calm_rate : largest size of a calm
    rate (fraction of its interval). calm_payments : calm payments in a row that lengthen the interval at_limit leads to; 0 where the way
    back is not published. after_calm : hours they lengthen it to.
    """

    at_limit: Number = 0
    calm_rate: Number = 0
    calm_payments: int = 0
    after_calm: Number = 0

    def next_hours(self, hours: Number, rates: Sequence[Number], floor: Number = -INF, cap: Number = INF) -> Number:
        """Return the interval that follows the last payment.

        Parameters
        ----------
        hours : interval of the last payment, > 0. rates : paid rates (fractions), oldest first; only those of this interval.
        floor, cap : limits of the last payment; infinite where there are none.

        Raises
        ------
        InputError
            Without a payment, or with an interval that is not above zero.

        Examples
        --------
        >>> Switching(at_limit=1).next_hours(8, [0.003], -0.003, 0.003)
        1
        """
        if not rates or hours <= 0:
            raise InputError("a change of interval", f"{len(rates)} payments every {float(hours):g} h", "Give a payment and its hours.")
        if self.at_limit and not floor < rates[-1] < cap:
            return min(hours, self.at_limit)
        shortened = self.calm_payments and hours <= self.at_limit and len(rates) >= self.calm_payments
        if shortened and all(magnitude(rate) <= self.calm_rate for rate in rates[-self.calm_payments :]):
            return max(hours, self.after_calm)
        return hours
