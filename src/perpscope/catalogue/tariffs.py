"""What did a venue charge at a moment, and who says so?

Costs are dated and sourced as rules are: TOML files in `costs`, one a venue. Which of a venue's rows answers for a moment is told by
`tariff_time`. What nobody recorded is not found: no typical value stands in for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources

from perpscope.catalogue.load import SIMULATED, load_venue, resolve_venue, venue_ids
from perpscope.catalogue.tariff_file import parse_tariff
from perpscope.catalogue.tariff_row import CostRow, Tariff
from perpscope.catalogue.tariff_time import FoundCost, at_moment
from perpscope.errors import InputError
from perpscope.market.instrument import parse_symbol
from perpscope.market.time import to_text

BASE = "base"
_KEPT = 20_000
_DAY = len("2025-09-18")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose cost is asked for.

    Parameters
    ----------
    venue : its id. symbol : unified; empty where it plays no part. market : kind of market (spot, linear, inverse, quanto, dated, swap).
    tier : fee tier or borrower's level. words : asset, network and the like that a row must not contradict.
    """

    venue: str
    symbol: str = ""
    market: str = ""
    tier: str = BASE
    words: Mapping[str, str] = field(default_factory=dict)


@cache
def tariff_ids() -> tuple[str, ...]:
    """Ids of the venues whose costs are recorded."""
    folder = resources.files("perpscope.catalogue").joinpath("costs")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


@cache
def load_tariff(venue: str) -> Tariff:
    """Load what is recorded of a venue's costs (its id); a simulated venue charges as the real one, an unrecorded one has no rows."""
    own = venue.removeprefix(SIMULATED)
    if own not in tariff_ids():
        return Tariff(own, wallet=own)
    text = resources.files("perpscope.catalogue").joinpath("costs", f"{own}.toml").read_text(encoding="utf-8")
    return parse_tariff(text)


def tariff_venue(text: str) -> str:
    """Venue id of an id, name or alias, of the rules or of the costs.

    Raises
    ------
    InputError
        When neither knows it.
    """
    plain = text.strip().lower()
    for venue in tariff_ids():
        if plain in {venue, *(name.lower() for name in load_tariff(venue).names)}:
            return venue
    return resolve_venue(text)


@cache
def called(text: str) -> str:
    """Venue id of a name in a user's file; a venue nobody knows keeps its name, for it may be one of the user's own."""
    try:
        return tariff_venue(text)
    except InputError:
        return text.strip().lower()


def tiers_of(asked: Asked, rows: Sequence[CostRow] = ()) -> tuple[str, ...]:
    """Names of the fee tiers on record for a market, whatever tier is asked for."""
    fees = [row for row in (*rows, *load_tariff(asked.venue).rows) if row.kind == "fee" and _speaks(row, asked, any_tier=True)]
    return tuple(dict.fromkeys(row.tier for row in fees if row.tier))


def find_cost(kind: str, name: str, asked: Asked, ms: int, given: Iterable[CostRow] = ()) -> FoundCost | None:
    """Find the number that answers for a moment; None where none is on record.

    Parameters
    ----------
    kind, name : which number, such as "fee" and "taker". asked : whose. ms : moment, UTC.
    given : rows of the user's own file; where one of them speaks of it, they answer alone.
    """
    own = [row for row in given if _answers(row, kind, name, asked)]
    if own:
        return at_moment(own, name, ms)
    recorded = _recorded(kind, asked.venue, asked.symbol, asked.market, asked.tier, tuple(asked.words.items()))
    telling = [row for row in recorded if name in row.numbers or name in row.ladders]
    return at_moment(telling, name, ms, [row for row in recorded if name in row.holes]) if telling else None


@lru_cache(maxsize=_KEPT)
def _recorded(kind: str, venue: str, symbol: str, market: str, tier: str, words: tuple[tuple[str, str], ...]) -> tuple[CostRow, ...]:
    """Rows of the catalogue that hold for what is asked, at whatever time."""
    asked = Asked(venue, symbol, market, tier, dict(words))
    return tuple(row for row in load_tariff(venue).rows if row.kind == kind and _speaks(row, asked))


def _answers(row: CostRow, kind: str, name: str, asked: Asked) -> bool:
    return row.kind == kind and (name in row.numbers or name in row.ladders) and _speaks(row, asked)


def _speaks(row: CostRow, asked: Asked, *, any_tier: bool = False) -> bool:
    """Whether a row holds for what is asked."""
    whom = row.whom
    base, quote, _ = parse_symbol(asked.symbol) if asked.symbol else ("", "", "")
    return (
        (not whom.venue or called(whom.venue) in {asked.venue, asked.venue.removeprefix(SIMULATED)})
        and (not whom.markets or asked.market in whom.markets)
        and (not whom.quotes or quote in whom.quotes)
        and (not whom.bases or base in whom.bases)
        and (not whom.contracts or _is_named(asked, whom.contracts))
        and not _is_named(asked, whom.but)
        and (any_tier or not row.tier or tier_of(asked.venue, asked.tier) == tier_of(asked.venue, row.tier))
        and all(row.words.get(name, said) == said for name, said in asked.words.items())
    )


def _is_named(asked: Asked, contracts: Sequence[str]) -> bool:
    return any(asked.symbol == contract or asked.symbol == _symbol_of(asked.venue, contract) for contract in contracts)


@cache
def _symbol_of(venue: str, native_id: str) -> str | None:
    """Unified symbol that a venue's own name means; None where its names are not described."""
    if venue.removeprefix(SIMULATED) not in venue_ids():
        return None
    found = load_venue(venue).instrument(native_id)
    return None if found is None else found.symbol


def tier_of(venue: str, name: str) -> str:
    """Plain name of a tier; all names of the lowest are one."""
    plain = name.strip().lower()
    return BASE if plain in {each.lower() for each in load_tariff(venue).base} else plain


def on_record(venue: str) -> list[dict[str, object]]:
    """List what is recorded of a venue (id, name or alias): {kind, of, tier, numbers, from, to, seen, status, source, note}.

    Raises
    ------
    InputError
        When no venue is called that.
    """
    return [
        {
            "kind": row.kind,
            "of": " ".join(filter(None, dict.fromkeys((row.whom.of, *row.whom.contracts, *row.words.values())))),
            "tier": row.tier or None,
            "numbers": {name: float(high) if low == high else [float(low), float(high)] for name, (low, high) in row.numbers.items()},
            "from": None if row.when.since is None else to_text(row.when.since),
            "to": None if row.when.until is None else to_text(row.when.until),
            "seen": ", ".join("/".join(dict.fromkeys(to_text(ms)[:_DAY] for ms in (first, last - 1))) for first, last in row.when.seen)
            or None,
            "status": row.status,
            "source": row.source,
            "note": row.says if row.kind == "remark" else row.note or None,
        }
        for row in load_tariff(tariff_venue(venue)).rows
    ]
