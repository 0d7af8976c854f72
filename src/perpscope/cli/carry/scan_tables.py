"""How is a scan shown? One line a trade, in words of receiving and paying; or one trade taken apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from perpscope.cli.render import narrow, render, write, write_certificate
from perpscope.errors import InputError

if TYPE_CHECKING:
    from perpscope.runs.scan import Scanned
    from perpscope.store import Store

Row = Mapping[str, Any]
TITLE = "what you receive and pay, % a year of a leg's notional; net of costs on capital; ≥ and ≤ where a part of the cost is not known"
_SHOWN = 6
_ROOM = 130
"""Columns that a line of numbers and legs takes."""


def spoken(found: Scanned, rows: Sequence[Row]) -> Iterator[str]:
    """Say what was compared, at which moment, and what was left out."""
    from perpscope.market.time import to_text
    from perpscope.trading.scan.told import spot_assumed

    if found.moments:
        first, last = to_text(found.moments[0]), to_text(found.moments[-1])
        when = first if first == last else f"{first} to {last}, each coin at the end of its data"
        yield f"{len(rows):,} of {_several(found.trades, 'trade')} of {_several(found.contracts, 'contract')}, at {when}"
    reasons = {
        "generated": "they are of no market (--venue sim:... asks for them)",
        "stale": "their last fixing is older than two intervals",
        "ended": "their contract or venue had ended",
    }
    for state, names in found.left_out.items():
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield f"left out, {reasons.get(state, state)}: {', '.join(names[:_SHOWN])}{more}"
    unknown = sum(row["net_apr_capital"] is None for row in rows)
    if unknown:
        yield f"{_several(unknown, 'trade')} without a known cost, see --explain RANK; state it with --fee, --half-spread or --costs"
    guessed = sum(spot_assumed(row) for row in rows)
    if guessed:
        yield f"{_several(guessed, 'trade')} (spot?) on spot without a price in the store: nobody knows here whether there is such a market"
    if any(row["synthetic"] for row in rows):
        yield "SYNTHETIC: some of these rates were generated"


def _several(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def shown(rows: Sequence[Row]) -> None:
    """Print one line a trade; on a narrow terminal its legs stand below the numbers."""
    from perpscope.trading.scan.told import brief

    lines = [brief(row) for row in rows]
    if not lines:
        return
    below = narrow(_ROOM)
    render(lines, columns=[name for name in lines[0] if name != "you" or not below], title=TITLE)
    for line in lines if below else ():
        write(f"{line['#']}. {line['coin']}: {line['you']}")


def explained(rows: Sequence[Row], what: str, form: str, store: Store, again: str) -> None:
    """Print one line taken apart, and certify what it stands on: of that rank, or the best of that coin.

    Parameters
    ----------
    again : words of the command line that a backtest of the line must hear too.

    Raises
    ------
    InputError
        When there is no such line.
    """
    from perpscope.runs.scan import certificate_of, unpriced
    from perpscope.trading.scan.told import backtest_words, costs_of, facts_of, legs_of, windows_of

    row = dict(_named(rows, what))
    row["certificate"] |= {"store": certificate_of(store, row).to_dict()}
    row["backtest"] = f"{backtest_words(row)} {again}".rstrip()
    if form != "table":
        render(row if form == "json" else [row], form)
        return
    write(f"{row['rank']}. {row['symbol']} {row['kind']}, at {row['at']}")
    render(legs_of(row), title="legs")
    render(windows_of(row), title="the spread you receive, % a year, by days")
    costs, sources = costs_of(row)
    render(costs, title="costs")
    if sources:
        render(sources)
    render(facts_of(row))
    for name, why in row["why_null"].items():
        write(f"{name} is not known: {why}")
    for text in (*row["assumed"], *row["notes"]):
        write(text)
    for used in row["certificate"]["store"]["tables"]:
        names = ", ".join(f"{source['name']} ({source['rows']} rows)" for source in sorted(used["sources"], key=itemgetter("name")))
        write(f"{used['rows']} rows of {used['table']}, {used['missing']} missing, from {names}")
    write(f"its past: perpscope {row['backtest']}")
    if absent := unpriced(store, row):
        write(f"it cannot be run as it is: the store holds no prices of {', '.join(absent)} in that time; import them, or see --price-of")
    write_certificate(row["certificate"]["store"])


def _named(rows: Sequence[Row], what: str) -> Row:
    plain = what.strip()
    if plain.isdigit():
        found = [row for row in rows if row["rank"] == int(plain)]
    else:
        found = [row for row in rows if row["symbol"].upper() == plain.upper()]
    if not found:
        raise InputError(f"the line {what!r}", f"there are {len(rows)} lines", "Give a rank, or a coin that is among them.")
    return found[0]
