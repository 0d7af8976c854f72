"""Which costs did the user write on the command line? They become rows as of a cost file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

from perpscope.cli.place import say
from perpscope.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from perpscope.catalogue.tariff_row import CostRow
    from perpscope.trading.trade import Trade


_MANY = "VALUE for every leg, or VENUE=VALUE; repeatable."


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class CostWords:
    """What trading costs, in every verb that charges it."""

    costs: Annotated[Path | None, Parameter(help="Your own cost file (TOML or JSON); what it gives answers first.")] = None
    tier: Annotated[
        tuple[str, ...], Parameter(negative="", help="Fee tier: VIP3, base+BNB (with that discount), or VENUE=TIER; repeatable.")
    ] = ()
    fee: Annotated[tuple[str, ...], Parameter(negative="", help=f"Fee of every fill, 0.05%: {_MANY}", allow_leading_hyphen=True)] = ()
    half_spread: Annotated[
        tuple[str, ...], Parameter(negative="", help=f"What crossing costs, half the spread, 1bp: {_MANY}", allow_leading_hyphen=True)
    ] = ()
    delivery_fee: Annotated[
        tuple[str, ...], Parameter(negative="", help=f"Fee of a dated future's settlement, 0.015%: {_MANY}", allow_leading_hyphen=True)
    ] = ()
    borrow: Annotated[
        tuple[str, ...], Parameter(negative="", help=f"What borrowing the coin costs a year, 5%: {_MANY}", allow_leading_hyphen=True)
    ] = ()
    opportunity: Annotated[
        str, Parameter(help="What the capital would earn elsewhere, a year; 0 if it would lie idle.", allow_leading_hyphen=True)
    ] = ""

    @property
    def said(self) -> bool:
        """Whether anything says what trading costs."""
        return bool(self.costs or self.tier or self.fee or self.half_spread or self.delivery_fee or self.borrow)


Books: TypeAlias = Annotated[
    bool, Parameter(name="--books", negative="", help="Walk the books recorded in the store instead of spreads on record.")
]


def rows_of(words: CostWords) -> tuple[CostRow, ...]:
    """Rows written on the command line, and those of the user's file that they do not replace: of another kind, or said more closely.

    Raises
    ------
    InputError
        When one cannot be read.
    """
    from perpscope.catalogue.tariff_file import read_costs
    from perpscope.cli.files import text_of

    written = [
        row
        for kind, keys, texts in (
            ("fee", ("maker_pct", "taker_pct"), words.fee),
            ("spread", ("half_bp",), words.half_spread),
            ("delivery", ("fee_pct",), words.delivery_fee),
            ("borrow", ("per_year_pct",), words.borrow),
            ("opportunity", ("per_year_pct",), (words.opportunity,) if words.opportunity else ()),
        )
        for text in texts
        for row in _written(kind, keys, text)
    ]
    for row in written:
        if sum((row.kind, row.whom) == (other.kind, other.whom) for other in written) > 1:
            whose = f" of {row.whom.venue}" if row.whom.venue else " of every leg"
            raise InputError(f"--{_OPTIONS.get(row.kind, row.kind)}", f"two values{whose}", "Give one.")
    filed = read_costs(text_of(words.costs), words.costs.name) if words.costs else ()
    replaced = {(row.kind, row.whom) for row in written}
    return (*written, *(row for row in filed if row.tier or (row.kind, row.whom) not in replaced))


def rows_for(words: CostWords, trade: Trade) -> tuple[CostRow, ...]:
    """Return the user's own costs of a trade; venues they speak of that are none of its are said."""
    from perpscope.catalogue.tariffs import called

    rows = rows_of(words)
    others = sorted({row.whom.venue for row in rows if row.whom.venue and called(row.whom.venue) not in trade.venues})
    if others:
        say(f"your own costs also speak of {', '.join(others)}, no venue of this trade")
    return rows


def refuse_uncounted(words: CostWords, who: str) -> None:
    """Refuse costs that a verb has no place for.

    Raises
    ------
    InputError
        Naming the option.
    """
    for option, text in (("--opportunity", words.opportunity), ("--delivery-fee", words.delivery_fee)):
        if text:
            raise InputError(option, f"{who} does not count it", "Leave it out, or take carry backtest for a trade that has it.")


def said_again(words: CostWords) -> str:
    """Write the words as they stood on the command line; empty where nothing was said."""
    import shlex

    many = {
        "tier": words.tier,
        "fee": words.fee,
        "half-spread": words.half_spread,
        "delivery-fee": words.delivery_fee,
        "borrow": words.borrow,
    }
    found = [f"--{option}={text}" for option, texts in many.items() for text in texts]
    found += [f"--opportunity={words.opportunity}"] if words.opportunity else []
    return shlex.join([*([f"--costs={words.costs}"] if words.costs else []), *found])


def _written(kind: str, keys: Sequence[str], text: str) -> tuple[CostRow, ...]:
    """Read one cost of a command line as a cost file's rows."""
    from perpscope.catalogue.tariff_file import read_costs
    from perpscope.catalogue.tariffs import tariff_venue
    from perpscope.cli.amounts import share_of

    option = f"--{_OPTIONS.get(kind, kind)}"
    name, equals, amount = text.rpartition("=")
    value = share_of(option, amount)
    try:
        whose = [f'venue = "{tariff_venue(name)}"'] if equals else []
    except InputError as problem:
        raise InputError(f"{option} {text}", f"{problem.asked}: {problem.there}", problem.do) from None
    if kind == "opportunity" and value >= 1:
        raise InputError(option, f"{float(value):.0%} a year", "Write 5% or 0.05.")
    lines = [f"{key} = {_decimal(value, key)}" for key in keys] + whose
    try:
        return read_costs("\n".join([f"[[{kind}]]", *lines]), "the command line")
    except InputError as problem:
        there = problem.there.rpartition(": ")[2]
        raise InputError(f"{option} {amount.strip()}", f"that is {float(value):.4%} ({there})", "Write 5bp or 0.05%.") from None


_OPTIONS = {"spread": "half-spread", "delivery": "delivery-fee"}
"""Kind of row -> option, where they differ."""


def _decimal(value: Fraction, key: str) -> str:
    return f"{float(value * (10_000 if key.endswith('_bp') else 100)):.15g}"
