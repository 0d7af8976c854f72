"""What does this JSON say, its numbers as the decimals they are written as?"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from perpscope.errors import InputError


def decoded(text: str, where: str, wanted: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Read one JSON value; numbers become integers or Decimals.

    Parameters
    ----------
    where : file and line, in words. wanted : what to give instead of a text that is no JSON.

    Raises
    ------
    InputError
        For what is no JSON, for NaN and infinities, for a name said twice, and for what is too deep or too long to be read.
    """

    def refuse(word: str) -> None:
        raise InputError(where, f"{word} is not a number", "Leave out what is not known.")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            twice = next(name for k, (name, _) in enumerate(pairs) if name in dict(pairs[:k]))
            raise InputError(where, f"{twice} stands there twice", "Say it once.")
        return found

    try:
        return json.loads(text, parse_float=Decimal, parse_constant=refuse, object_pairs_hook=once)
    except json.JSONDecodeError as problem:
        raise InputError(where, f"no JSON: {problem.msg} at {_place(text, problem)}", wanted) from None
    except (ValueError, RecursionError, ArithmeticError):
        raise InputError(where, "no JSON that can be read: too deep, or a number too long", wanted) from None


def _place(text: str, problem: json.JSONDecodeError) -> str:
    column = f"column {problem.colno}"
    return f"line {problem.lineno}, {column}" if "\n" in text.strip() else column
