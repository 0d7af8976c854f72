"""From when to when? The options --from and --to of every verb that looks at a part of a history."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from cyclopts import Parameter

Start: TypeAlias = Annotated[str, Parameter(name="--from")]


def window(start: str, end: str) -> tuple[int | None, int | None]:
    """Milliseconds UTC of both ends, the first included, the second not; None for an end that was not named.

    Raises
    ------
    InputError
        When a text is no date and no time with its zone.
    """
    from perpscope.market.time import day_ms

    return day_ms(start) if start else None, day_ms(end) if end else None
