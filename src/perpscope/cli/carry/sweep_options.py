"""What can be said about a sweep on a command line, beside its history and its costs?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from perpscope.cli.carry.backtest_options import KindName
from perpscope.cli.carry.legs import LegTexts


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class SweptWords:
    """Which trade: its legs, without what is swept."""

    leg: LegTexts = ()
    spot: Annotated[str, Parameter(help="Spot leg, VENUE:SYMBOL; else the house's own spot market, where the store holds it.")] = ""
    against: Annotated[str, Parameter(help="Other perpetual, VENUE:SYMBOL, of a trade between two.")] = ""
    kind: Annotated[KindName | None, Parameter(help="Kind of trade; else told by the legs.")] = None
    maker: Annotated[bool, Parameter(negative="", help="Orders rest (else they cross); a leg may say its own.")] = False
    buffer: Annotated[str, Parameter(help="Idle money kept beside the margins, a share of the notional.")] = ""


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class AxisWords:
    """The grid: values with commas (0%,5%), or a span with their number (0%..20%/5)."""

    enter: Annotated[str, Parameter(help="Carries to enter above, simple annual: 0%..20%/5.", allow_leading_hyphen=True)] = ""
    exit: Annotated[
        str,
        Parameter(
            help="Carries to leave below; 0, or the lowest --enter below it, where absent. Sets that leave above --enter drop out.",
            allow_leading_hyphen=True,
        ),
    ] = ""
    look: Annotated[str, Parameter(help="Fixings looked at: 1,3,9; default 3.")] = ""
    leverage: Annotated[str, Parameter(help="Leverages of every leg that is not spot: 1..5/5; default 1.")] = ""
    stay: Annotated[str, Parameter(help="Least hours in a position: 0,24,72.")] = ""
    rest: Annotated[str, Parameter(help="Least hours between two.")] = ""
    most: Annotated[str, Parameter(help="Most hours in a position; none for no end.")] = ""
    grid: Annotated[Path | None, Parameter(help="TOML file with a table [grid] of axes, instead of these options.")] = None


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class WorkWords:
    """How the search is judged, and who does the work."""

    by: Annotated[Literal["sharpe", "net_return"], Parameter(help="What is best.")] = "sharpe"
    train: Annotated[float | None, Parameter(help="Days of each training window of the walk forward; default 365.")] = None
    test: Annotated[float | None, Parameter(help="Days of each test window; default 90.")] = None
    purge: Annotated[float | None, Parameter(help="Hours between them; default the longest look back of all sets.")] = None
    anchored: Annotated[bool, Parameter(negative="", help="Training windows begin with the history.")] = False
    draws: Annotated[int, Parameter(help="Resamples of the reality check.")] = 1000
    seed: Annotated[int, Parameter(help="Of every random number: the same seed, the same answer.")] = 1
    executor: Annotated[Literal["serial", "processes", "ray"], Parameter(help="Who does the work.")] = "serial"
    workers: Annotated[int | None, Parameter(help="Processes, or processors of a cluster on this machine; default all.")] = None
    address: Annotated[str | None, Parameter(help="HOST:PORT of a running Ray cluster.")] = None
    keep: Annotated[bool, Parameter(help="Keep results in the store's folder, so that a stopped sweep goes on where it was.")] = True
    show: Annotated[int, Parameter(help="How many sets to show, best first; csv holds all.")] = 10
