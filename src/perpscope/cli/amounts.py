"""What number did someone type? Decimals, and shares with their unit."""

from __future__ import annotations

import re
from fractions import Fraction

from perpscope.errors import InputError
from perpscope.market.number import to_decimal

_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_SUFFIX = {"k": 10**3, "M": 10**6, "B": 10**9}
"""Letters behind a number of money: thousands, millions, billions."""
_SHARE = re.compile(r"\s*([-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)\s*(%|bp)?\s*")


def number_of(what: str, text: str) -> Fraction:
    """Read a decimal exactly; 1_000_000, 1,000,000 and 1M are one too, 1,5 is none.

    Raises
    ------
    InputError
        When it is none.
    """
    try:
        plain = text.strip().replace("_", "")
        times = _SUFFIX.get(plain[-1:], 1)
        plain = plain if times == 1 else plain[:-1]
        return to_decimal(plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain) * times
    except (ValueError, ArithmeticError):
        raise InputError(what, f"{text!r} is no number of ordinary size", "Write a decimal, such as 50000, 1e6, 1M or 0.5.") from None


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
