"""How far may an operator who sets a rate move it at once?"""

from __future__ import annotations

from perpscope.errors import InputError
from perpscope.market.number import Number
from perpscope.mechanisms.sample import clamp


def held(asked: Number, before: Number, seconds: Number, speed: Number) -> Number:
    """Rate in force when `asked` is set `seconds` after `before` was; a bound on the rate itself is the cap of the formula.

    Parameters
    ----------
    asked, before : rates of one unit. seconds : >= 0. speed : largest change per second, >= 0, in that unit.

    Raises
    ------
    InputError
        For time that runs backwards, or a speed below zero.

    Source: the bounded setter of an operator's funding oracle; see the catalogue.

    Examples
    --------
    >>> held(9, 1, 3, speed=2)
    7
    """
    if seconds < 0 or speed < 0:
        there = f"{float(seconds):g} seconds, {float(speed):g} per second"
        raise InputError("the setting of a rate", there, "Give the seconds since the last one, and a speed, not below zero.")
    return clamp(asked, before - speed * seconds, before + speed * seconds)
