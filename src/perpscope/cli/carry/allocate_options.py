"""What can be said about an allocation on a command line?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class LimitWords:
    """Within which limits; shares are of the capital."""

    capital: Annotated[str, Parameter(help="Money to be put to work.", allow_leading_hyphen=True)] = "1000000"
    venue_limit: Annotated[
        tuple[str, ...], Parameter(negative="", help="Share that may lie at one venue: 30%, or VENUE=10%; repeatable.")
    ] = ()
    notional_limit: Annotated[str, Parameter(help="Notional at one venue, long and short added, as a multiple of the capital: 2.")] = ""
    coin_limit: Annotated[str, Parameter(help="Share in trades of one coin.")] = ""
    together_limit: Annotated[str, Parameter(help="Share in one group of trades that move together, see --correlation.")] = ""
    correlation: Annotated[float, Parameter(help="Correlation of net carry from which on two trades move together.")] = 0.8
    sd_limit: Annotated[str, Parameter(help="Standard deviation of what the plan receives over the time held.")] = ""
    least: Annotated[str, Parameter(help="Smallest notional of a trade; what falls below is dropped, and the rest sized again.")] = "0"


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class AimWords:
    """What is weighed, and how it is held."""

    hold: Annotated[float, Parameter(help="Days every trade is held.", allow_leading_hyphen=True)] = 30.0
    risk: Annotated[
        float, Parameter(help="Aversion: money given up per unit of variance of the return on capital.", allow_leading_hyphen=True)
    ] = 1.0
    leverage: Annotated[str, Parameter(help="Leverage of every leg but spot; else what a candidate tells, or 3 in a scan.")] = ""
    buffer: Annotated[str, Parameter(help="Idle money beside the margins, a share of the notional.")] = "0"
    stress: Annotated[str, Parameter(help="Adverse move that must liquidate no leg: 20%; legs get the margin that takes.")] = ""
    maintenance: Annotated[
        tuple[str, ...], Parameter(negative="", help="Maintenance rate instead of margin tables: 0.5%, or VENUE:SYMBOL=0.5%.")
    ] = ()


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class CandidateWords:
    """Among which trades, and how they move."""

    candidates: Annotated[
        Path | None,
        Parameter(
            help="Rows as `carry scan --format json` prints them, instead of a scan of the store; - for standard input.",
            allow_leading_hyphen=True,
        ),
    ] = None
    symbol: Annotated[tuple[str, ...], Parameter(negative="", help="Coins that are scanned; all where absent. Repeatable.")] = ()
    venue: Annotated[tuple[str, ...], Parameter(negative="", help="Venues that are scanned; all where absent. Repeatable.")] = ()
    kind: Annotated[tuple[str, ...], Parameter(negative="", help="Kinds of trades that are scanned; all where absent. Repeatable.")] = ()
    window: Annotated[int, Parameter(help="Days of the realised spread that a scan expects to go on.")] = 30
    top: Annotated[int, Parameter(help="How many of the best by net APR on capital are weighed.")] = 50
    at: Annotated[
        str, Parameter(help="Moment of the plan (2024-01-01, UTC); where absent, that of most candidates. Nothing later plays a part.")
    ] = ""
    history: Annotated[int, Parameter(help="Days of history that risk is taken from.")] = 365
    covariance: Annotated[Path | None, Parameter(help="JSON: covariance of one day's carry, in the order of the candidates.")] = None
    sd_1d: Annotated[str, Parameter(help="Assumed deviation of a day's carry of every trade, all independent: 0.02%.")] = ""
