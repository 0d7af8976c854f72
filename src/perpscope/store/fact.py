"""What is known of a contract, since when, and who says so?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from perpscope.market.time import FOREVER

Basis = Literal["stated", "inferred"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of one contract over one span of time.

    Parameters
    ----------
    venue, market_list, native_id : of the contract.
    fact : interval_hours, phase_hours, cap, floor, interest_1d, initial_margin, maintenance_margin, multiplier, listing, end,
        seen (span of stamps without a hole long enough for another life).
    value : number; for listing and end the time in ms, for seen the count of stamps.
    valid_from, valid_to : ms, from inclusive, to exclusive; `FOREVER` while it holds.
    basis : stated by the source, or inferred from its stamps.
    evidence : observations that carry it.
    """

    venue: str
    market_list: str
    native_id: str
    fact: str
    value: float
    valid_from: int
    valid_to: int = FOREVER
    basis: Basis = "stated"
    evidence: int = 1
