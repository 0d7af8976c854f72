"""What do all checks stand on, and how do they say what they saw?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from perpscope.analysis.ruled import without_limits
from perpscope.audit.eras import Era, agreed
from perpscope.catalogue.schema import Venue
from perpscope.errors import CatalogueError
from perpscope.market.time import to_text
from perpscope.mechanisms.rule import Rule

if TYPE_CHECKING:
    from perpscope.audit.facts import Floats, Ints, Series, Subject

DATES_SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """The same coin elsewhere: its series, and the lag its own rule states at each row (-1 unknown)."""

    name: str
    series: Series
    lag: Ints


@dataclass(frozen=True, eq=False)
class Grounds:
    """A published history, the rules it was under, and what to hold it against.

    Parameters
    ----------
    half : (n,) half a unit of each rate's last published digit. references : the same coin at other venues.
    seed : of the resampling that tells chance from lag.
    """

    venue: Venue
    subject: Subject
    series: Series
    eras: tuple[Era, ...]
    half: Floats
    references: tuple[Reference, ...] = ()
    seed: int = 0

    @cached_property
    def ruled(self) -> tuple[Era, ...]:
        """Eras a failed check may speak of: established dates, undisputed or disputed only in how the market is looked at."""
        found = [*(era for era in self.eras if era.gates), *agreed(self.eras)]
        return tuple(sorted(found, key=lambda era: int(era.rows[0])))

    @cached_property
    def lag(self) -> Ints:
        """(n,) lag the rule states; -1 where it does not, or none is established."""
        import numpy as np

        out = np.full(len(self.series), -1, dtype=np.int64)
        for era in self.ruled:
            out[era.rows] = -1 if era.lag is None else era.lag
        return out

    def days(self, rows: Ints) -> str:
        """Name the slots of a few rows."""
        shown = ", ".join(to_text(int(ms)) for ms in self.series.slot[rows[:DATES_SHOWN]])
        return shown + (
            f" and {len(rows) - DATES_SHOWN} more, last {to_text(int(self.series.slot[rows[-1]]))}" if len(rows) > DATES_SHOWN else ""
        )


def unlimited(era: Era) -> Rule | None:
    """Rule of an era without its outer limits, which are often unknown; None where more than they is."""
    try:
        return without_limits(era.dated).build(era.numbers, averaged=True)
    except CatalogueError:
        return None


def tested(count: int, of: int) -> str:
    """Say how much of a history a check spoke of."""
    return f"tested {count:,} of {of:,} rows" if count < of else f"tested all {of:,} rows"
