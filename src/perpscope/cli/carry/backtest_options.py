"""What can be said about a backtest on a command line?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from perpscope.cli.carry.given_costs import Books
from perpscope.cli.carry.legs import USUAL_LEVERAGE, LegTexts, Leverage

KindName = Literal["cash_and_carry", "reverse_carry", "perp_perp", "perp_dated", "perp_swap", "naked_long", "naked_short"]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class TradeWords:
    """Which trade."""

    leg: LegTexts = ()
    spot: Annotated[str, Parameter(help="Spot leg, VENUE:SYMBOL; else the house's own spot market, where the store holds it.")] = ""
    against: Annotated[str, Parameter(help="Other leg of a trade between two contracts, VENUE:SYMBOL.")] = ""
    kind: Annotated[KindName | None, Parameter(help="Kind of trade; else told by the legs.")] = None
    leverage: Leverage = USUAL_LEVERAGE
    maker: Annotated[bool, Parameter(negative="", help="Orders rest (else they cross); a leg may say its own.")] = False
    policy: Annotated[Literal["hold", "exit", "flip", "threshold"], Parameter(help="When it is held; exit and flip follow signs.")] = "hold"
    enter: Annotated[str, Parameter(help="Threshold to enter: 10%/year, or another period.", allow_leading_hyphen=True)] = ""
    exit: Annotated[str, Parameter(help="Threshold to leave; at or below --enter.", allow_leading_hyphen=True)] = ""
    follow: Annotated[bool, Parameter(negative="", help="With thresholds: turn the sides with the sign of the carry.")] = False
    look: Annotated[int | None, Parameter(help="Fixings looked at: 3, or 1 to follow every sign.")] = None
    stay: Annotated[float, Parameter(help="Least hours in a position.")] = 0.0
    rest: Annotated[float, Parameter(help="Least hours between two.")] = 0.0
    most: Annotated[float | None, Parameter(help="Most hours in a position.")] = None
    buffer: Annotated[str, Parameter(help="Idle money kept beside the margins, a share of the notional.")] = ""
    top_up: Annotated[str, Parameter(help="Margin ratio (equity over notional) below which a leg gets money.")] = ""
    target: Annotated[str, Parameter(help="Margin ratio it is brought back to; 1 / leverage where absent.")] = ""
    rebalance: Annotated[str, Parameter(help="Drift between the legs at which they are brought together.")] = ""


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class RunWords:
    """Over which history, with what money and costs."""

    from_: Annotated[str, Parameter(name="--from", help="First moment: 2021-01-01, or an ISO time.")] = ""
    to: Annotated[str, Parameter(help="Last moment.")] = ""
    capital: Annotated[
        str, Parameter(help="Money put in, in the first leg's quote asset; a million where neither this nor a notional is given.")
    ] = ""
    notional: Annotated[str, Parameter(help="Notional of the trade, instead of the capital.")] = ""
    books: Books = False
    impact: Annotated[str, Parameter(help="Coefficient of the square-root law of impact, on volatility and volume of the store.")] = ""
    maintenance: Annotated[
        tuple[str, ...], Parameter(negative="", help="Maintenance margin, 0.5% or LEG=0.5%; repeatable.", allow_leading_hyphen=True)
    ] = ()
    brackets: Annotated[Path | None, Parameter(help="File of margin tables (TOML, JSON, or ccxt's leverage tiers).")] = None
    bar: Annotated[str, Parameter(help="Length of the bars: 1m, 1h, 8h; else the finest that all legs have.")] = ""
    price_of: Annotated[tuple[str, ...], Parameter(negative="", help="LEG=VENUE:SYMBOL, whose prices stand in; repeatable.")] = ()
    late: Annotated[tuple[str, ...], Parameter(negative="", help="LEG=4h, by which its bars are stamped late; repeatable.")] = ()
    halt: Annotated[tuple[str, ...], Parameter(negative="", help="VENUE:FROM:TO, when it let nobody trade; repeatable.")] = ()
    missing: Annotated[Literal["stop", "skip"] | None, Parameter(help="What a missing price does; a strict run stops, others skip.")] = None
    strict: Annotated[bool, Parameter(negative="", help="Refuse every kind of missing input.")] = False
    compound: Annotated[bool, Parameter(negative="", help="Size every opening by the money there is then.")] = False
    leave_open: Annotated[bool, Parameter(negative="", help="Do not close what is held at the end.")] = False
    risk_free: Annotated[str, Parameter(help="Simple yearly rate subtracted for the Sharpe ratios.")] = ""
