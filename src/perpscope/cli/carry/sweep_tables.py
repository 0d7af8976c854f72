"""How is a sweep shown to eyes?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perpscope.cli.carry.backtest_tables import decimal, percent
from perpscope.cli.render import render, write, write_certificate

_RATES = ("enter", "exit")


def show(document: Mapping[str, Any]) -> None:
    """Print a sweep as tables: the best sets, what choosing forward gave, and what of it is luck."""
    used = document["window"]["used"]
    sets = f"{document['trials']:,} set{'' if document['trials'] == 1 else 's'}"
    dropped = f" ({document['dropped']:,} more would leave above where they enter)" if document["dropped"] else ""
    title = f"{document['trade']}, {used[0][:16]} to {used[1][:16]}, {sets}{dropped}, best by {document['by']}"
    swept = [name for name, values in document["grid"].items() if len(values) > 1]
    render([_set(row, swept) for row in document["sets"]], title=title)
    if document["walk_forward"]:
        _walk(document["walk_forward"], swept)
    write("What of it is luck?")
    for line in [*document["luck"], *_absent(document)]:
        write(f"- {line}")
    write_certificate(document["certificate"])


def _set(row: Mapping[str, Any], swept: list[str]) -> dict[str, str]:
    return {
        **_named(row, swept),
        "a year, of capital": percent(row["apr"]),
        "Sharpe, days": decimal(row["sharpe"]),
        "largest fall, days": percent(row["max_drawdown"]),
        "funding": f"{row['funding']:,.0f}",
        "costs": f"{-row['costs']:,.0f}",
        "opened": str(row["trades"]),
        "liquidated": str(row["liquidations"]),
        "held": percent(row["held"]),
    }


def _named(row: Mapping[str, Any], swept: list[str]) -> dict[str, str]:
    return {name: _parameter(name, row[name]) for name in swept}


def _parameter(name: str, value: float | None) -> str:
    if value is None:
        return "none"
    return f"{100 * value:g}%" if name in _RATES else f"{value:g}"


def _walk(walk: Mapping[str, Any], swept: list[str]) -> None:
    rows = [
        {
            "chosen in": f"{one['train'][0][:10]} to {one['train'][1][:10]}",
            **_named(one["chosen"], swept),
            "Sharpe there": decimal(one["in_sample"]["sharpe"]),
            "judged from": one["test"][0][:10],
            "Sharpe then": decimal(one["out_of_sample"]["sharpe"]),
            "return then": percent(one["out_of_sample"]["net_return"]),
            "rank then": f"{one['rank']:,} of {one['of']:,}",
        }
        for one in walk["windows"]
    ]
    render(rows, title=f"chosen on {walk['train_days']:g} days, judged on the next {walk['test_days']:g} after {walk['purge_hours']:g} h")


def _absent(document: Mapping[str, Any]) -> list[str]:
    told = {"the search was not put on trial": document["why_not_judged"], "nothing was chosen forward": document["why_not_walked"]}
    return [f"{what}: {why}" for what, why in told.items() if why]
