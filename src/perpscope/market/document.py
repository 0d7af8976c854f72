"""What does a JSON document of a known form hold, and where is it wrong?

Forms are `msgspec` structs. What does not fit is told in words: which entry, what stands there and what belongs there.
"""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from perpscope.errors import InputError

T = TypeVar("T")
_NOT_FINITE = re.compile(r"(?<![\"\w])[-+]?(NaN|Infinity|nan|inf)\b")
_AT = re.compile(r"\s*- at `\$(.*?)`$")
_STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")
_WRONG = re.compile(r"Expected `(.+?)`, got `(.+?)`")
_BOUNDED = re.compile(r"Expected `(.+?)` (.+)")
_FIELD = re.compile(r"Object (missing required|contains unknown) field `(.+)`")
_KINDS = {
    "float": "a number", "int": "a whole number", "str": "a text", "array": "a list", "object": "an object", "null": "nothing",
    "bool": "true or false",
}  # fmt: skip


def decoded(text: str, form: type[T], what: str, do: str, *, strict: bool = True) -> T:
    """Read a document.

    Parameters
    ----------
    text : JSON. form : a struct. what : what it is, for the error. do : what to do about it. strict : whether numbers written as
    texts are refused.

    Raises
    ------
    InputError
        Saying where the document is no such form.
    """
    if not text.strip():
        raise InputError(what, "nothing was given", do)
    try:
        return msgspec.json.decode(text, type=form, strict=strict)
    except msgspec.ValidationError as problem:
        raise InputError(what, _in_words(str(problem)), do) from None
    except msgspec.DecodeError as problem:
        found = _NOT_FINITE.search(text)
        there = f"{found.group()} is not a number" if found else str(problem)
        raise InputError(what, there, "Leave out what is not known." if found else do) from None


def _in_words(problem: str) -> str:
    """Say where and what, without the paths of a parser."""
    at = _AT.search(problem)
    said = problem[: at.start()] if at else problem
    steps = _STEP.findall(at[1] if at else "")
    place = ", ".join(f"entry {int(k) + 1}" if k.isdigit() else "an entry" if k else name for name, k in steps)
    if wrong := _WRONG.fullmatch(said):
        wanted, got = map(_kinds, wrong.groups())
        said = f"{got} where {wanted} belongs"
    elif bounded := _BOUNDED.fullmatch(said):
        said = f"{_kinds(bounded[1])} {bounded[2]} belongs there"
    elif field := _FIELD.fullmatch(said):
        said = f"{'no' if field[1].startswith('missing') else 'unknown:'} {field[2]}"
    return f"{place}: {said}" if place else said


def _kinds(names: str) -> str:
    return " or ".join(_KINDS.get(name, name) for name in names.split(" | "))
