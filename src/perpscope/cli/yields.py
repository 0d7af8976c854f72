"""What is a profit a year? The verbs `apr` (simple) and `apy` (compounded); nothing is computed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

from perpscope.cli.amounts import maybe_number, maybe_share
from perpscope.cli.render import Format, render

if TYPE_CHECKING:
    from perpscope.analysis.printed.yields import How

FINE = 0
Profit: TypeAlias = Annotated[str, Parameter(help="Profit, below 0 a loss; asked where --rate is given.", allow_leading_hyphen=True)]
Capital: TypeAlias = Annotated[str, Parameter(help="Capital it was made with, above 0.", allow_leading_hyphen=True)]
Days: TypeAlias = Annotated[
    str, Parameter(help="Days it took, above 0; asked where --rate and --profit are given.", allow_leading_hyphen=True)
]
Yearly: TypeAlias = Annotated[
    str, Parameter(help="Rate a year instead, for the question turned round: 0.397 or 39.7%.", allow_leading_hyphen=True)
]


def apr(
    *,
    profit: Profit = "",
    capital: Capital = "",
    days: Days = "",
    rate: Yearly = "",
    format: Format = "table",  # noqa: A002 - the name of the option
) -> int:
    """Tell the simple rate a year of a profit, the compounded ones beside it; or the profit, or the days, of a simple rate."""
    return _told((profit, capital, days, rate), "simple", format)


def apy(
    *,
    profit: Profit = "",
    capital: Capital = "",
    days: Days = "",
    rate: Yearly = "",
    format: Format = "table",  # noqa: A002 - the name of the option
) -> int:
    """Tell the compounded yield a year of a profit, the simple rate beside it; or the profit, or the days, of a yield.

    Compounded once a horizon; every day and continuously stand beside it.
    """
    return _told((profit, capital, days, rate), "compound", format)


def _told(given: tuple[str, str, str, str], how: How, form: str) -> int:
    from perpscope.analysis.yearly import Asked, headline, ways, yearly

    names = ("profit", "capital", "days")
    money = [maybe_number(f"the {name}", text) for name, text in zip(names, given[:3], strict=True)]
    rate = maybe_share("the rate", given[3])
    profit, capital, days, share = (None if number is None else float(number) for number in (*money, rate))
    found = yearly(Asked(profit, capital, days, share, how))
    if form == "table":
        render(ways(found), title=headline(found))
    else:
        render(found, form)
    return FINE
