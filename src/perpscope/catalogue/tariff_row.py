"""What is one dated cost: a number, whom it holds for, when, and who says so?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from perpscope.market.number import Number

Range: TypeAlias = tuple[Number, Number]
KINDS = (
    "fee", "per_contract", "discount", "liquidation", "delivery", "spread", "impact", "borrow", "transfer", "tolerance", "opportunity",
    "remark",
)  # fmt: skip
MARKETS = {
    **{name: (name,) for name in ("spot", "linear", "inverse", "quanto", "dated", "swap")},
    "perpetual": ("linear", "inverse", "quanto"),
    "futures": ("linear", "inverse", "quanto", "dated"),
}
"""What `markets` may say -> kinds of market."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a number holds for: all where a list is empty.

    Parameters
    ----------
    venue : its id; empty for every venue. of : whom the source speaks of, in its words. markets : kinds of market.
    quotes, bases : assets. contracts, but : native ids or unified symbols, those meant and those excepted.
    """

    venue: str
    of: str = ""
    markets: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    but: tuple[str, ...] = ()

    @property
    def named(self) -> int:
        """How closely it names them: of two numbers that hold, the closer answers."""
        return 16 * bool(self.venue) + 8 * bool(self.contracts) + 4 * bool(self.bases) + 2 * bool(self.quotes) + bool(self.markets)


@dataclass(frozen=True, slots=True)
class When:
    """When it held: since <= t < until (ms UTC, None where not known), or the days, months or years in which it was seen.

    Parameters
    ----------
    since, until : dates of effect. seen : (from, to) of each sighting. says : what the source says of its dates.
    ended_by : first moment at which something else is known, where it has no end of its own on record.
    """

    since: int | None = None
    until: int | None = None
    seen: tuple[tuple[int, int], ...] = ()
    says: str = ""
    ended_by: int | None = None

    @property
    def undated(self) -> bool:
        """Whether nothing is known."""
        return self.since is None and self.until is None and not self.seen


@dataclass(frozen=True, slots=True)
class CostRow:
    """One dated number, or a few that belong together.

    Parameters
    ----------
    kind : fee, borrow and so on, see `KINDS`. whom, when : as they are. status : verified, stated, inferred, given or assumed.
    tier : fee tier or borrower's level, empty for any; `says` is how the source calls it. source, note : for a reader.
    words : asset, network and the like. numbers : name -> (low, high), equal for a point; shares of a notional are fractions, yearly
        rates fractions a year. holes : numbers the source does not tell. ladders : tables by notional or distance.
    """

    kind: str
    whom: Whom
    when: When
    tier: str
    says: str
    status: str
    source: str
    note: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, Range] = field(default_factory=dict)
    holes: tuple[str, ...] = ()
    ladders: Mapping[str, tuple[tuple[Number, ...], ...]] = field(default_factory=dict)

    @property
    def users(self) -> bool:
        """Whether it comes from a user's own file."""
        return self.status in {"given", "assumed"}


@dataclass(frozen=True, slots=True)
class Tariff:
    """What the catalogue records of one venue's costs.

    Parameters
    ----------
    venue : its id. names : other names. base : how the venue calls its lowest tier. wallet : venue whose withdrawals are meant.
    """

    venue: str
    names: tuple[str, ...] = ()
    base: tuple[str, ...] = ()
    wallet: str = ""
    rows: tuple[CostRow, ...] = ()
