"""What do the words of an option mean? Every option is converted here, before its verb sees it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclopts import Token


def as_written(hint: Any, tokens: Sequence[Token]) -> Any:  # noqa: ANN401 - whatever type an option has
    """Convert the words of an option to its type; a number is what was written: nothing is rounded, and nan is none.

    Raises
    ------
    CoercionError
        When a whole number has a fraction, a number is none, or a word is not of the type.
    """
    from cyclopts import convert

    return convert(hint, tokens, converter=_one)


def _one(kind: type, word: Token | str) -> Any:  # noqa: ANN401 - of the kind asked for
    from cyclopts import CoercionError, convert

    text = word if isinstance(word, str) else word.value
    if kind is int and "." in text:
        raise CoercionError(msg=f"{text!r} is no whole number")
    found = convert(kind, [text])
    if isinstance(found, float) and math.isnan(found):
        raise CoercionError(msg=f"{text!r} is not a number")
    return found
