"""Which trades are taken, at what size? The verb `carry allocate`; nothing is computed here."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from perpscope.cli.carry.allocate_options import AimWords, CandidateWords, LimitWords
from perpscope.cli.carry.given_costs import Books, CostWords
from perpscope.cli.place import Where, say
from perpscope.cli.render import Format, render, write, write_certificate
from perpscope.trading.allocation.rows import UNHELD

if TYPE_CHECKING:
    from perpscope.cli.carry.allocate_question import Stated

FINE, FINDING = 0, 1
SHOWN = 10
"""Lines of a kind that a table shows."""


def allocate(
    *,
    limits: LimitWords = LimitWords(),  # noqa: B008 - frozen
    aim: AimWords = AimWords(),  # noqa: B008 - frozen
    among: CandidateWords = CandidateWords(),  # noqa: B008 - frozen
    costs: CostWords = CostWords(),  # noqa: B008 - frozen
    books: Books = False,
    strict: Annotated[bool, Parameter(negative="", help="Stop at the first number that is not known.")] = False,
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Choose and size trades under limits: what is expected after costs, less the aversion times the variance, is made largest.

    Candidates are the best of a scan of the store, or the rows of a file. Told are each trade's size and money by reason, the limits that
    bind and what one more unit of them would earn, and why each other trade was left out.
    """
    from perpscope.cli.carry.allocate_question import Words, stated
    from perpscope.runs.allocate import allocate as plan

    asked = stated(Words(limits, aim, among, costs, books, strict), place, time.time_ns() // 1_000_000)
    if not asked.rows:
        for line in _without_net(asked.unknown):
            say(line)
    found = plan(asked.rows, asked.question, asked.store)
    answer = {**found.document, "not_weighed": dict(asked.unknown)}
    say(f"{answer['candidates']} candidates at {answer['at']}, held {answer['totals']['days']:g} days")
    for line in _asides(asked):
        say(line)
    if guessed := _guessed(answer):
        say(f"{len(guessed)} of the trades taken (spot?) on spot of which the store holds no price: see whether there is such a market")
    _print(answer, format)
    return FINE if answer["trades"] else FINDING


def _asides(asked: Stated) -> Iterator[str]:
    """Say which limits play no part, and whether candidates are of generated venues."""
    from perpscope.catalogue.load import SIMULATED

    venues = {str(leg.get("venue")) for row in asked.rows for leg in row.get("legs") or () if isinstance(leg, Mapping)}
    for venue in sorted(set(asked.question.limits.venues) - venues):
        yield f"no candidate is at {venue}: its limit plays no part"
    if any(venue.startswith(SIMULATED) for venue in venues) or any(row.get("synthetic") for row in asked.rows):
        yield "SYNTHETIC: rates of some candidates were generated and are of no market"


def _without_net(unknown: Mapping[str, int]) -> list[str]:
    """Say why trades of the scan are not weighed."""
    lines = [f"trades of the scan without a net: {count}, for {why}" for why, count in list(unknown.items())[:SHOWN]]
    left = list(unknown.values())[SHOWN:]
    if left:
        lines.append(f"trades of the scan without a net: {sum(left)} more, for {len(left)} other reasons: --format json tells them")
    return lines


def _guessed(answer: Mapping[str, Any]) -> set[str]:
    """Names of taken trades with a leg on spot that nobody knows here."""
    return {
        one["name"]
        for one in answer["trades"]
        if any(words.startswith(f"{one['name']}: ") and UNHELD in words for words in answer["assumed"])
    }


def _print(answer: dict[str, Any], form: str) -> None:
    if form == "csv":
        nested = {"legs", "by_reason", "bound_by"}
        flat = [{name: value for name, value in one.items() if name not in nested} | one["by_reason"] for one in answer["trades"]]
        render(flat, form)
    elif form == "json":
        render(answer, form)
    else:
        _tables(answer)


def _tables(answer: dict[str, Any]) -> None:
    """Print the answer for eyes."""
    reasons, guessed = list(answer["totals"]["by_reason"]), _guessed(answer)
    rows = [
        {
            "trade": one["name"] + (" (spot?)" if one["name"] in guessed else ""),
            "notional": round(one["notional"]),
            "capital": round(one["capital"]),
            "expected": round(one["expected"], 2),
        }
        | {reason: round(one["by_reason"].get(reason, 0.0), 2) for reason in reasons}
        | {"apr_capital": f"{one['apr_capital']:.2%}", "bound_by": ", ".join(one["bound_by"])}
        for one in answer["trades"]
    ]
    if rows:
        render(rows, title="taken; money over the time held")
    limits = [
        {"limit": one["limit"], "used": round(one["used"]), "most": round(one["most"]), "binds": one["binds"]}
        | {"one_more_earns": f"{one['earns_more']:.6f}" if one["binds"] else ""}
        for one in answer["limits"]
        if one["used"]
    ]
    render(limits, title="limits")
    totals = answer["totals"]
    write(
        f"{totals['capital_used']:,.0f} of {totals['capital']:,.0f} used, expected {totals['expected']:+,.2f}"
        f" ({totals['apr_capital']:.2%} a year on all of the capital); one more unit would earn {totals['one_more_of_capital']:.6f}"
    )
    if totals["sd"] is not None:
        write(f"standard deviation {totals['sd']:,.2f}, charged {totals['risk_charge']:,.2f}")
    for words, rows in (("left out", answer["left_out"]), ("not weighed", answer["refused"])):
        for one in rows[:SHOWN]:
            write(f"{words} {one['name']}: {one['why']}")
        if len(rows) > SHOWN:
            write(f"{words} {len(rows) - SHOWN} more: --format json tells them")
    for line in _without_net(answer["not_weighed"]):
        write(line)
    write("\n".join(answer["assumed"]))
    if answer["certificate"]:
        write_certificate(answer["certificate"])
