"""Which legs did the user write? One reading for all verbs of `carry`; see `trading.leg_text` for the form."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

from perpscope.errors import InputError
from perpscope.market.number import to_decimal

if TYPE_CHECKING:
    from perpscope.market.instrument import Instrument
    from perpscope.trading.trade import Leg

LegTexts: TypeAlias = Annotated[
    tuple[str, ...],
    Parameter(
        name="--leg",
        negative="",
        help="SIDE:VENUE:SYMBOL, with :x3 (leverage), :ratio=0.5, :maker, :size=0.1 or :swap behind it; repeatable.",
    ),
]
Leverage: TypeAlias = Annotated[str, Parameter(help="Leverage of every leg that names none, but spot, which is paid or secured in full.")]
Notional: TypeAlias = Annotated[str, Parameter(help="Value of a leg in quote units.", allow_leading_hyphen=True)]
USUAL_LEVERAGE, USUAL_NOTIONAL, SCANNED_LEVERAGE = "1", "100000", "3"
"""Where nothing is said; a scan compares liquidation distances, and at a leverage of 1 most trades have none."""


def legs_of(
    texts: Iterable[str],
    *,
    leverage: str = USUAL_LEVERAGE,
    maker: bool = False,
    known: Iterable[Instrument] = (),
    venues: Collection[str] = (),
) -> tuple[Leg, ...]:
    """Read the legs of a trade.

    Parameters
    ----------
    texts : as written after `--leg`. leverage, maker : of legs that do not say theirs.
    known, venues : instruments and venues of a store, which names are looked for in first.

    Raises
    ------
    InputError
        When there is no leg, or one cannot be read.
    """
    from perpscope.trading.leg_text import FORM, Defaults, parse_leg

    defaults, held = Defaults(_leverage(leverage), "maker" if maker else "taker"), tuple(known)
    found = tuple(parse_leg(text, known=held, venues=venues, defaults=defaults) for text in texts)
    if not found:
        raise InputError("a trade", "no legs", f"Give --leg once for each of them. {FORM}")
    return found


def _leverage(text: str) -> Fraction:
    try:
        found = to_decimal(text.strip().lower().removesuffix("x").removeprefix("x"))
    except (ValueError, ArithmeticError):
        raise InputError("the leverage", f"{text!r} is no number", "Give 1 or more, such as 3.") from None
    if found < 1:
        raise InputError("the leverage", f"{text!r}", "Give 1 or more; 1 is paid in full.")
    return found
