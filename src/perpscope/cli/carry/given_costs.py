"""Which costs did the user write on the command line? They become rows as of a cost file, for every leg that the file does not name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from perpscope.errors import InputError

if TYPE_CHECKING:
    from fractions import Fraction

    from perpscope.catalogue.tariff_row import CostRow


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class CostWords:
    """What trading costs."""

    costs: Annotated[Path | None, Parameter(help="The user's own costs (TOML or JSON), which answer first.")] = None
    tier: Annotated[tuple[str, ...], Parameter(negative="", help="Fee tier, TIER for every venue or VENUE=TIER; repeatable.")] = ()
    fee: Annotated[str, Parameter(help="Fee of every fill on every leg: 0.05%.", allow_leading_hyphen=True)] = ""
    half_spread: Annotated[str, Parameter(help="Half the spread of every leg: 1bp.", allow_leading_hyphen=True)] = ""
    delivery_fee: Annotated[str, Parameter(help="Fee of a dated future's settlement at its expiry.", allow_leading_hyphen=True)] = ""
    borrow: Annotated[str, Parameter(help="What borrowing the coin costs a year.", allow_leading_hyphen=True)] = ""
    opportunity: Annotated[str, Parameter(help="What the capital would earn elsewhere, a year; 0 if it would lie idle.")] = ""
    books: Annotated[bool, Parameter(negative="", help="Walk the books recorded in the store instead of spreads on record.")] = False

    @property
    def said(self) -> bool:
        """Whether anything says what trading costs."""
        return bool(self.costs or self.tier or self.fee or self.half_spread or self.delivery_fee or self.borrow or self.books)


def rows_of(words: CostWords) -> tuple[CostRow, ...]:
    """Rows of the user's file, and behind them those written on the command line.

    Raises
    ------
    InputError
        When one cannot be read.
    """
    from perpscope.catalogue.tariff_file import read_costs
    from perpscope.cli.amounts import share_of
    from perpscope.cli.files import text_of

    written = (
        ("fee", ("maker_pct", "taker_pct"), words.fee),
        ("spread", ("half_bp",), words.half_spread),
        ("delivery", ("fee_pct",), words.delivery_fee),
        ("borrow", ("per_year_pct",), words.borrow),
        ("opportunity", ("per_year_pct",), words.opportunity),
    )
    rows = read_costs(text_of(words.costs), words.costs.name) if words.costs else ()
    for kind, keys, text in written:
        if text:
            value = share_of(f"--{kind.replace('spread', 'half-spread')}", text)
            if kind == "opportunity" and value >= 1:
                raise InputError("--opportunity", f"{float(value):.0%} a year", "Write 5% or 0.05.")
            lines = "\n".join(f"{key} = {_decimal(value, key)}" for key in keys)
            rows += read_costs(f"[[{kind}]]\n{lines}", "the command line")
    return rows


def _decimal(value: Fraction, key: str) -> str:
    return f"{float(value * (10_000 if key.endswith('_bp') else 100)):.15g}"
