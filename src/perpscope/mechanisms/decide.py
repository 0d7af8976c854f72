"""How does one averaged premium become the rate?

One formula covers the field: pull the premium towards the interest, scale to the interval, add, limit, slow down,
round. Neutral numbers switch a part off, so two rules that differ only by numbers are the same text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, TypeAlias

from perpscope.errors import CatalogueError
from perpscope.market.number import INF, ROUNDINGS, TO_ZERO, Number, Rounding, magnitude, rounded_to, rounding_code
from perpscope.mechanisms.sample import clamp

PULL, LARGER, CLAMPED_PREMIUM = 0, 1, 2
Combine = Literal["pull", "larger", "clamped_premium"]
_COMBINE: dict[str, int] = {"pull": PULL, "larger": LARGER, "clamped_premium": CLAMPED_PREMIUM}


class Terms(NamedTuple):
    """What each step made of the number, in order; every entry a fraction.

    premium: the average; bent: after h; interest: I in the formula's period; clamped: after the pull;
    scaled: for the interval; added: with the additive interest; limited: inside cap and floor;
    slowed: smoothed with the previous rate, inside the rate-of-change cap; rounded: the rate.
    """

    premium: Number
    bent: Number
    interest: Number
    clamped: Number
    scaled: Number
    added: Number
    limited: Number
    slowed: Number
    rounded: Number


@dataclass(frozen=True, slots=True)
class Formula:
    """R = h(P) + clamp(I - P, -d, d); F = round(slow(limit(m R hours/period + A))).

    Parameters
    ----------
    combine : "pull" as above; "larger" max(I, P); "clamped_premium" I + clamp(P, -d, d).
    period : hours the formula is written for; 0 means the interval itself (nothing is scaled).
    interest, interest_per : I and the hours it is stated for (0: per `period`).
    damper : d, half width of the pull; 0 gives F = P, infinite gives F = I.
    knee1, slope1, knee2, slope2 : h: slope 1 up to knee1 (fraction), slope1 up to knee2, slope2 beyond.
    times : multiplier m.
    add, add_per : additive interest A and the hours it is stated for (0: per interval).
    floor, cap, limit_per : outer bounds and the hours they are stated for (0: per interval).
    keep : share of the previous rate that stays, 0 <= keep < 1: keep x before + (1 - keep) x limited.
    change : largest change from one fixing to the next (fraction per interval).
    decimals : decimals the venue publishes; -1 for no rounding.
    rounding : "nearest" (half to even), "down", "up", "to_zero" or "away" from it.

    Source: the clamp formula of the perpetual guides, with the parts other venues add; see the sources of each rule in the catalogue.
    """

    combine: Combine = "pull"
    period: Number = 0
    interest: Number = 0
    interest_per: Number = 0
    damper: Number = 0
    knee1: Number = INF
    slope1: Number = 1
    knee2: Number = INF
    slope2: Number = 1
    times: Number = 1
    add: Number = 0
    add_per: Number = 0
    floor: Number = -INF
    cap: Number = INF
    limit_per: Number = 0
    keep: Number = 0
    change: Number = INF
    decimals: int = -1
    rounding: Rounding = "nearest"

    def __post_init__(self) -> None:
        """Refuse formulas that contradict themselves."""
        if self.combine not in _COMBINE or self.rounding not in ROUNDINGS:
            raise CatalogueError(
                "a formula", f"combine={self.combine!r}, rounding={self.rounding!r}", f"Known: {[*_COMBINE]} and {[*ROUNDINGS]}."
            )
        if self.floor > self.cap:
            raise CatalogueError("a formula", f"floor {self.floor} above cap {self.cap}", "Swap them.")
        if self.damper < 0 or self.change < 0 or self.period < 0:
            raise CatalogueError("a formula", "a negative damper, change or period", "Give widths and periods as positive numbers.")
        if not 0 <= self.keep < 1:
            raise CatalogueError("a formula", f"keep {self.keep}", "Give the share of the previous rate that stays, below 1.")

    def at_level(self, level: Number, grains: Number) -> Formula:
        """Return the same formula for amounts in quote units: every fraction becomes that share of `level` (an index price).

        `grains` > 0: the shares are cut, towards zero, to whole 1/grains, as integer arithmetic does.
        """
        own = ("interest", "damper", "knee1", "knee2", "add", "floor", "cap", "change")
        shares: dict[str, Any] = {}
        for name in own:
            value = getattr(self, name)
            shares[name] = value if magnitude(value) == INF else rounded_to(value * level, grains, TO_ZERO)
        return replace(self, **shares)

    def numbers(self) -> FormulaNumbers:
        """Flat numbers for `decide`, in its order."""
        return (
            _COMBINE[self.combine],
            self.period,
            self.interest,
            self.interest_per,
            self.damper,
            self.knee1,
            self.slope1,
            self.knee2,
            self.slope2,
            self.times,
            self.add,
            self.add_per,
            self.floor,
            self.cap,
            self.limit_per,
            self.keep,
            self.change,
            10**self.decimals if self.decimals >= 0 else 0,
            rounding_code(self.rounding),
        )


FormulaNumbers: TypeAlias = tuple[
    int,
    Number,
    Number,
    Number,
    Number,
    Number,
    Number,
    Number,
    Number,
    Number,
    Number,
    Number,
    Number,
    Number,
    Number,
    Number,
    Number,
    int,
    int,
]


def bend(p: Number, knee1: Number, slope1: Number, knee2: Number, slope2: Number) -> Number:
    """h(P): slope 1 up to knee1, slope1 up to knee2, slope2 beyond; odd in P.

    Source: the piecewise premium of one on-chain venue; see the catalogue.
    """
    size = p if p >= 0 else -p
    if size <= knee1:
        return p
    bent = knee1 + slope1 * (size - knee1)
    if size > knee2:
        bent = knee1 + slope1 * (knee2 - knee1) + slope2 * (size - knee2)
    return bent if p >= 0 else -bent


def combined(combine: int, premium: Number, bent: Number, interest: Number, damper: Number) -> Number:
    """Meet of premium and interest, by the kind of rule.

    Source: the clamp formula of the perpetual guides; "larger" from the announcement of 2016-06-12, "clamped_premium" from a disputed page.
    """
    if combine == PULL:
        return bent + clamp(interest - premium, -damper, damper)
    if combine == LARGER:
        return max(bent, interest)
    return interest + clamp(bent, -damper, damper)


def decide(  # noqa: PLR0917 - compiled text: flat numbers only
    premium: Number,
    hours: Number,
    before: Number,
    combine: int,
    period: Number,
    interest: Number,
    interest_per: Number,
    damper: Number,
    knee1: Number,
    slope1: Number,
    knee2: Number,
    slope2: Number,
    times: Number,
    add: Number,
    add_per: Number,
    floor: Number,
    cap: Number,
    limit_per: Number,
    keep: Number,
    change: Number,
    grains: int,
    rounding: int,
) -> Terms:
    """One rate, every step kept. The definition, and the text that is compiled.

    `premium` is a fraction, `hours` the interval, `before` the previous rate (NaN where there is none).

    Source: the one formula that covers the documented rules; see the sources of each rule in the catalogue.
    """
    written_for = hours if period == 0 else period
    if interest_per != 0:
        interest = interest * written_for / interest_per
    bent = bend(premium, knee1, slope1, knee2, slope2)
    clamped = combined(combine, premium, bent, interest, damper)
    scaled = times * clamped
    if written_for != hours:
        scaled = scaled * hours / written_for
    added = scaled + (add if add_per == 0 else add * hours / add_per)
    if limit_per != 0:
        floor = floor * hours / limit_per
        cap = cap * hours / limit_per
    limited = clamp(added, floor, cap)
    slowed = limited
    if before == before:  # noqa: PLR0124 - only NaN differs from itself
        if keep != 0:
            slowed = keep * before + (1 - keep) * limited
        slowed = clamp(slowed, before - change, before + change)
    return Terms(premium, bent, interest, clamped, scaled, added, limited, slowed, rounded_to(slowed, grains, rounding))
