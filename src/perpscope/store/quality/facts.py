"""What may a detector know about a venue?

Detectors name no venue. Whoever calls them says what is known of each; whatever is None is unknown, and then a detector
does without it or stays silent. A fact that changed in time is given as the loosest value that ever held, or as None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from perpscope.errors import InputError

Rules: TypeAlias = Mapping[tuple[str, ...], "VenueFacts"]
"""Facts by (venue,), (venue, market_list) or (venue, market_list, native_id); the most specific entry counts alone."""


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """What is known of a venue, of one of its lists, or of one contract.

    Parameters
    ----------
    phase_hours : offset of the funding grid from 00:00 UTC (4 for 04/12/20); None where unknown.
    interest_8h : values the rate takes exactly while the premium stays inside the clamp band, fractions per 8 h, scaled
        to each row's interval in proportion. None: unknown. Empty: the venue has no such value (no clamp).
    cap : largest absolute rate of any interval that ever held, fraction; None where unknown.
    decimals : decimal places of the published rate; None where unknown.
    lag : intervals between averaging and payment, 0 or 1; None where unknown or changed.
    continuous : funding accrues at every instant; stamps are only when it was read.
    ended : end of the contract (ms UTC); None while it trades or where unknown.
    """

    phase_hours: float | None = None
    interest_8h: tuple[float, ...] | None = None
    cap: float | None = None
    decimals: int | None = None
    lag: int | None = None
    continuous: bool = False
    ended: int | None = None

    def __post_init__(self) -> None:
        """Refuse facts that cannot be."""
        if self.phase_hours is not None and not 0 <= self.phase_hours < 24:  # noqa: PLR2004 - hours of a day
            raise InputError("facts about a venue", f"a grid {self.phase_hours} h after midnight", "Give 0 <= phase_hours < 24.")
        if self.cap is not None and not self.cap > 0:
            raise InputError("facts about a venue", f"a cap of {self.cap}", "Give the largest absolute rate, above 0, or None.")


NOTHING = VenueFacts()


def facts_of(rules: Rules, venue: str, market_list: str, native_id: str) -> VenueFacts:
    """Look up the most specific facts; nothing known where there are none."""
    for key in ((venue, market_list, native_id), (venue, market_list), (venue,)):
        if key in rules:
            return rules[key]
    return NOTHING
