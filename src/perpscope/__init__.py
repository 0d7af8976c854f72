"""Funding of perpetual futures: rules as dated data, recomputed and audited against what venues published.

The public surface. Names are loaded when they are used, so importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from perpscope.catalogue.load import load_venue, resolve_symbol, resolve_venue, venue_ids
    from perpscope.catalogue.schema import DatedRule, Venue
    from perpscope.errors import CatalogueError, InputError, NotEnoughData, PerpscopeError, SourceError, StoreError
    from perpscope.market.book import Book
    from perpscope.market.contract import Contract
    from perpscope.market.funding import Payment, Position, PublishedFixing
    from perpscope.market.instrument import Identity, Instrument
    from perpscope.market.table import TABLES, Table
    from perpscope.market.time import Calendar, Schedule
    from perpscope.mechanisms.batch import fix_averages, fix_many, impact_premiums
    from perpscope.mechanisms.decide import Formula, Terms
    from perpscope.mechanisms.explain import explain
    from perpscope.mechanisms.meter import Meter
    from perpscope.mechanisms.observe import Observe
    from perpscope.mechanisms.rule import Fixing, Rule
    from perpscope.mechanisms.settle import Settlement
    from perpscope.mechanisms.window import Window
    from perpscope.store import Store
    from perpscope.trading.settle import Listing, settle
    from perpscope.units import Rate

_HOME = {
    "catalogue.load": ("load_venue", "resolve_symbol", "resolve_venue", "venue_ids"),
    "catalogue.schema": ("DatedRule", "Venue"),
    "errors": ("CatalogueError", "InputError", "NotEnoughData", "PerpscopeError", "SourceError", "StoreError"),
    "market.book": ("Book",),
    "market.contract": ("Contract",),
    "market.funding": ("Payment", "Position", "PublishedFixing"),
    "market.instrument": ("Identity", "Instrument"),
    "market.table": ("TABLES", "Table"),
    "market.time": ("Calendar", "Schedule"),
    "mechanisms.batch": ("fix_averages", "fix_many", "impact_premiums"),
    "mechanisms.decide": ("Formula", "Terms"),
    "mechanisms.explain": ("explain",),
    "mechanisms.meter": ("Meter",),
    "mechanisms.observe": ("Observe",),
    "mechanisms.rule": ("Fixing", "Rule"),
    "mechanisms.settle": ("Settlement",),
    "mechanisms.window": ("Window",),
    "store": ("Store",),
    "trading.settle": ("Listing", "settle"),
    "units": ("Rate",),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = [  # noqa: RUF022 - grouped by what they are for
    "Rate",
    "Book",
    "Calendar",
    "Identity",
    "Instrument",
    "Schedule",
    "Table",
    "TABLES",
    "Fixing",
    "Formula",
    "Meter",
    "Observe",
    "Rule",
    "Terms",
    "Window",
    "explain",
    "fix_averages",
    "fix_many",
    "impact_premiums",
    "Contract",
    "Listing",
    "Payment",
    "Position",
    "PublishedFixing",
    "Settlement",
    "settle",
    "DatedRule",
    "Venue",
    "load_venue",
    "resolve_symbol",
    "resolve_venue",
    "venue_ids",
    "Store",
    "CatalogueError",
    "InputError",
    "NotEnoughData",
    "PerpscopeError",
    "SourceError",
    "StoreError",
]


def __getattr__(name: str) -> object:
    """Load a public name from the room it lives in."""
    if name not in _WHERE:
        raise AttributeError(f"module 'perpscope' has no attribute {name!r}")
    return getattr(import_module(f"perpscope.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    """Public names, also those not loaded yet."""
    return [*__all__, "__version__"]
