"""What number did someone type? Decimals, and shares with their unit."""

from __future__ import annotations

import re
from fractions import Fraction

from perpscope.errors import InputError
from perpscope.market.number import to_decimal

_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_SHARE = re.compile(r"\s*([-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)\s*(%|bp)?\s*")


def number_of(what: str, text: str) -> Fraction:
    """Read a decimal exactly; 1_000_000 and 1,000,000 are one too, 1,5 is none.

    Raises
    ------
    InputError
        When it is none.
    """
    try:
        plain = text.strip().replace("_", "")
        return to_decimal(plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain)
    except (ValueError, ArithmeticError):
        raise InputError(what, f"{text!r} is no number of ordinary size", "Write a decimal, such as 50000 or 0.5.") from None


def maybe_number(what: str, text: str) -> Fraction | None:
    """Read a decimal, where there is one."""
    return number_of(what, text) if text else None


def share_of(what: str, text: str) -> Fraction:
    """Read a fraction, percent or basis points.

    Raises
    ------
    InputError
        When it is none of these.

    Examples
    --------
    >>> share_of("a fee", "0.05%") == share_of("a fee", "5bp") == share_of("a fee", "0.0005")
    True
    """
    found = _SHARE.fullmatch(text)
    if not found:
        raise InputError(what, f"{text!r} is no share", "Write a fraction (0.005), percent (0.5%) or basis points (50bp).")
    return number_of(what, found[1]) / {"%": 100, "bp": 10_000, None: 1}[found[2]]


def maybe_share(what: str, text: str) -> Fraction | None:
    """Read a share, where there is one."""
    return share_of(what, text) if text else None
