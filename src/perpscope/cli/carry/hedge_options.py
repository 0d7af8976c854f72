"""What can be said about a hedge on a command line?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter

from perpscope.cli.carry.legs import USUAL_LEVERAGE, USUAL_NOTIONAL, Leverage, Notional


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class PositionWords:
    """Whose carry."""

    side: Annotated[Literal["long", "short"], Parameter(help="Side of the perpetual: a short receives positive funding.")] = "short"
    notional: Notional = USUAL_NOTIONAL
    days: Annotated[float, Parameter(help="For how long the carry is to be locked.", allow_leading_hyphen=True)] = 90.0
    leverage: Leverage = USUAL_LEVERAGE
    spot: Annotated[str, Parameter(help="Coin on the other side, VENUE:SYMBOL; else the house's own spot market.")] = ""
    outright: Annotated[bool, Parameter(negative="", help="The perpetual alone, with nothing against it.")] = False
    held: Annotated[bool, Parameter(negative="", help="It is open already: entering it costs nothing more.")] = False
    at: Annotated[
        str, Parameter(help="Moment of the decision (2022-09-01, UTC); else now, or where its data ends. Nothing later plays a part.")
    ] = ""
    look: Annotated[int, Parameter(help="Days of history behind expectations; twice the time held at least.")] = 365
    seed: Annotated[int, Parameter(help="Of every random number.")] = 1


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class DatedWords:
    """A dated future."""

    dated_price: Annotated[str, Parameter(help="Price of a dated future.", allow_leading_hyphen=True)] = ""
    spot_price: Annotated[str, Parameter(help="Price of spot at the same moment.", allow_leading_hyphen=True)] = ""
    expiry: Annotated[str, Parameter(help="When it expires: 2026-03-27, or an ISO time.")] = ""
    dated_venue: Annotated[str, Parameter(help="Its venue (the perpetual's where absent), or that of the store's futures.")] = ""


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class SwapWords:
    """A swap of funding for a fixed rate."""

    swap_apr: Annotated[str, Parameter(help="Fixed rate of a swap of funding, a year: 8%.", allow_leading_hyphen=True)] = ""
    swap_maturity: Annotated[str, Parameter(help="When it matures: 2026-03-27, or an ISO time.")] = ""
    swap_on: Annotated[str, Parameter(help="Whose funding it pays, VENUE:SYMBOL.")] = ""
    swap_fee: Annotated[str, Parameter(help="Fee of opening it, a year of its time: 0.05%.", allow_leading_hyphen=True)] = ""
    swap_settlement_fee: Annotated[str, Parameter(help="Fee as funding settles, a year.", allow_leading_hyphen=True)] = ""
    swap_margin: Annotated[str, Parameter(help="Its margin, a share of the size.", allow_leading_hyphen=True)] = ""
    swap_entrance: Annotated[str, Parameter(help="Money paid once to enter its market.", allow_leading_hyphen=True)] = "0"


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class OtherWords:
    """Other perpetuals."""

    other: Annotated[
        tuple[str, ...], Parameter(negative="", help="Another perpetual, VENUE:SYMBOL; else all of the coin. Repeatable.")
    ] = ()
    no_others: Annotated[bool, Parameter(negative="", help="Weigh no other perpetual.")] = False
