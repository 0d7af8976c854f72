"""What do trades and strategies in print come to? The verb `carry example`; nothing is computed here.

Every ready example is a command of its own, named by its file in the catalogue; `read` takes a file of the same form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from cyclopts import App, Parameter

from perpscope.catalogue.ready import example_ids, load_example
from perpscope.cli.amounts import maybe_number, maybe_share, number_of
from perpscope.cli.place import Place, Where, say
from perpscope.cli.render import Format, render
from perpscope.errors import CatalogueError, InputError

if TYPE_CHECKING:
    from perpscope.trading.examples.answer import Impact

FINE, FINDING = 0, 1
PAIRS = 3
Volume: TypeAlias = Annotated[
    str, Parameter(help="Money traded a day on each venue, instead of the example's assumption.", allow_leading_hyphen=True)
]
Volatility: TypeAlias = Annotated[str, Parameter(help="Volatility of a day (4%), instead of the assumption.", allow_leading_hyphen=True)]
Coefficient: TypeAlias = Annotated[
    str, Parameter(help="Coefficient of the square-root law, instead of the assumption.", allow_leading_hyphen=True)
]
Histories: TypeAlias = Annotated[bool, Parameter(negative="", help="Hold it between all venues of the store, too.")]
Days: TypeAlias = Annotated[float | None, Parameter(help="Horizon of the histories; else the one found.", allow_leading_hyphen=True)]
Covered: TypeAlias = Annotated[str, Parameter(help="Least share of a horizon on record, 98% where absent.", allow_leading_hyphen=True)]
Pairs: TypeAlias = Annotated[
    int | None, Parameter(help=f"How many of the best pairs are run in full; {PAIRS} where absent.", allow_leading_hyphen=True)
]
Coins: TypeAlias = Annotated[
    tuple[str, ...], Parameter(negative="", help="Coins to run, of those printed; repeatable.", allow_leading_hyphen=True)
]
Carry: TypeAlias = Annotated[str, Parameter(help="Rate a year money is lent at (5%); else held, or inferred.", allow_leading_hyphen=True)]
Leverage: TypeAlias = Annotated[str, Parameter(help="Leverage of the perpetual in the full backtests.", allow_leading_hyphen=True)]
Quick: TypeAlias = Annotated[bool, Parameter(negative="", help="Leave the full backtests out, which take a minute.")]
HalfSpread: TypeAlias = Annotated[str, Parameter(help="Half the spread (1bp), instead of the assumption.", allow_leading_hyphen=True)]

example_app = App(name="example", help="Ready examples: trades and strategies in print, computed again.")


def _trade(name: str) -> Callable[..., int]:
    """Make the command of one example of a trade."""

    def example(
        *,
        volume: Volume = "",
        volatility: Volatility = "",
        coefficient: Coefficient = "",
        half_spread: HalfSpread = "",
        histories: Histories = False,
        days: Days = None,
        covered: Covered = "",
        pairs: Pairs = None,
        format: Format = "table",  # noqa: A002 - the name of the option
        place: Where,
    ) -> int:
        """Find the horizon and the convention behind printed yields; test the text's words; say where the trade stops paying.

        With --histories the same trade is held between every two venues of the store, from every day, and the best pairs are run in full.
        """
        if not histories and (days is not None or covered or pairs is not None):
            raise InputError("the example", "--days, --covered or --pairs without --histories", "Add --histories, or leave them out.")
        if pairs is not None and pairs < 0:
            raise InputError("the pairs run in full", str(pairs), "Give 0 or more.")
        found = _answer(load_example(name), _impact(volume, volatility, coefficient, half_spread))
        if histories:
            horizon = found["horizon_days"] if days is None else days
            found["histories"] = _histories(place, name, horizon, covered, PAIRS if pairs is None else pairs)
        return _told(found, format)

    return example


@example_app.command
def read(
    file: Annotated[Path, Parameter(help="TOML file of the form of catalogue/examples; - for standard input.", allow_leading_hyphen=True)],
    *,
    volume: Volume = "",
    volatility: Volatility = "",
    coefficient: Coefficient = "",
    half_spread: HalfSpread = "",
    format: Format = "table",  # noqa: A002 - the name of the option
) -> int:
    """Read printed figures of your own, in a file of the same form, and answer the same questions; exit 1 where no convention fits."""
    from perpscope.catalogue.ready import parse_example
    from perpscope.cli.files import text_of

    impact = _impact(volume, volatility, coefficient, half_spread)
    try:
        found = _answer(parse_example(text_of(file)), impact)
    except CatalogueError as problem:  # of the user's own file: his move
        raise InputError(f"{problem.asked} in {file}", problem.there, f"{problem.do} See docs/examples/printed for the form.") from None
    return _told(found, format)


def _impact(volume: str, volatility: str, coefficient: str, half_spread: str) -> Impact:
    from perpscope.trading.examples.answer import Impact

    return Impact(
        maybe_number("the volume", volume),
        maybe_share("the volatility", volatility),
        maybe_number("the coefficient", coefficient),
        maybe_share("half the spread", half_spread),
    )


def _answer(example: Mapping[str, Any], impact: Impact) -> dict[str, Any]:
    from perpscope.trading.examples.answer import example_answer
    from perpscope.trading.examples.printed_trade import as_printed

    return example_answer(as_printed(example), impact)


def _histories(place: Place, name: str, days: float, covered: str, pairs: int) -> dict[str, Any]:
    from perpscope.analysis.carry.horizons import COVERED
    from perpscope.runs.pair_backtests import pair_backtests
    from perpscope.runs.pair_histories import Question, pair_histories
    from perpscope.trading.examples.printed_trade import printed_trade

    share = maybe_share("the share on record", covered)
    asked = Question.of(printed_trade(name), days, COVERED if share is None else float(share))
    store = place.store()
    found, best = pair_histories(store, asked)
    return found | {"backtests": pair_backtests(store, best, asked, pairs)}


def _told(found: Mapping[str, Any], form: str) -> int:
    from perpscope.cli.carry.example_tables import show_histories, show_trade

    if form == "table":
        show_trade(found)
        if "histories" in found:
            show_histories(found["histories"])
    else:
        render(found, form)
    return FINE if found["convention"] else FINDING


def _strategies(name: str) -> Callable[..., int]:
    """Make the command of one example of trading rules."""

    def example(
        *,
        coin: Coins = ("BTC", "ETH"),
        rate: Carry = "",
        leverage: Leverage = "2",
        quick: Quick = False,
        format: Format = "table",  # noqa: A002 - the name of the option
        place: Where,
    ) -> int:
        """Run the printed rules by the paper's accounting, and in full at the closes they looked at and an hour later."""
        from perpscope.cli.carry.example_tables import show_rules
        from perpscope.runs.printed_rules import Question, coins_of, rules_answer
        from perpscope.trading.examples.followed import TIMINGS
        from perpscope.trading.examples.printed_rules import printed_rules

        printed = printed_rules(name)
        carry = maybe_share("the carry", rate)
        times = float(number_of("the leverage", leverage.removesuffix("x")))
        asked = Question(coins_of(printed, coin), times, None if carry is None else float(carry), () if quick else TIMINGS)
        found = rules_answer(place.store(), printed, asked if quick else replace(asked, told=say))
        if format == "table":
            show_rules(found)
        else:
            render(found, format)
        return FINE

    return example


_KINDS: Mapping[str, Callable[[str], Callable[..., int]]] = {"trade": _trade, "strategies": _strategies}
for _name in example_ids():
    _kind, _about = load_example(_name)["example"]["kind"], load_example(_name)["example"]["about"]
    if _kind in _KINDS:
        example_app.command(_KINDS[_kind](_name), name=_name, help=_about)
