"""What did the user give: the text of a file or of standard input, numbers such as cap=0.003?"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from pathlib import Path

from perpscope.errors import InputError


def text_of(file: Path | None) -> str:
    """Read a text file; None or - means standard input.

    Raises
    ------
    InputError
        When there is no such file, or it is no text.
    """
    try:
        if file is None or str(file) == "-":
            return sys.stdin.buffer.read().decode("utf-8")
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"the text of {file or 'standard input'}", "it is not UTF-8", "Give a text file.") from None
    except OSError as problem:
        raise InputError(f"the file {file}", (problem.strerror or "it cannot be read").lower(), "Give the path of a file.") from None


def numbers_of(given: Iterable[str]) -> dict[str, float]:
    """Read numbers written as name=value.

    Raises
    ------
    InputError
        When one is not of that form, or no finite number.
    """
    found: dict[str, float] = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            raise InputError(f"the number {text!r}", "not of the form name=value", "Write it like cap=0.003.") from None
        if not math.isfinite(found[name.strip()]):
            raise InputError(f"the number {text!r}", "it is not finite", "Leave it out where there is none.")
    return found
