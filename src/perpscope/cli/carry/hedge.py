"""Which instrument locks a carry best after costs? The verb `carry hedge`; nothing is computed here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from perpscope.cli.carry.given_costs import Books, CostWords
from perpscope.cli.carry.hedge_options import DatedWords, OtherWords, PositionWords, SwapWords
from perpscope.cli.place import Place, Where, say
from perpscope.cli.render import Format, render, write, write_certificate

if TYPE_CHECKING:
    from perpscope.store import Store

FINE, FINDING = 0, 1
SHOWN = ("instrument", "name", "gross", "locked", "days", "expected", "worst", "risk", "cost_bp", "capital", "breakeven")


def hedge(
    venue: Annotated[str, Parameter(help="Venue of the perpetual: id, name or alias.")],
    symbol: Annotated[str, Parameter(help="Its unified symbol, native id or coin.")],
    *,
    position: PositionWords = PositionWords(),  # noqa: B008 - frozen
    dated: DatedWords = DatedWords(),  # noqa: B008 - frozen
    swap: SwapWords = SwapWords(),  # noqa: B008 - frozen
    other: OtherWords = OtherWords(),  # noqa: B008 - frozen
    costs: CostWords = CostWords(),  # noqa: B008 - frozen
    books: Books = False,
    strict: Annotated[bool, Parameter(negative="", help="Stop at the first number that is not known.")] = False,
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Weigh the ways to lock the carry of a perpetual: stay, a dated future, a swap of its funding, another perpetual.

    Rates are simple, a year, on the notional, after costs; what is received is above 0. Histories come from the store; a dated future and
    a swap may be stated. What is not known is null, with its reason.
    """
    from perpscope.cli.carry.hedge_question import Words, moment_of, position_of, question_of
    from perpscope.runs.hedge import hedge as weigh

    store = _store(place)
    held = position_of(store, venue, symbol, position)
    at = moment_of(store, held, position.at, time.time_ns() // 1_000_000)
    answer = weigh(store, question_of(held, at, Words(position, dated, swap, other, costs)), books=books, strict=strict)
    say(f"{answer['position']}: {answer['notional']:,.0f} for {answer['days']:g} days from {answer['at']}")
    for line in _absent(answer, dated.dated_venue):
        say(line)
    _print(answer, format)
    return FINE if any(row["locked_apr"] is not None or row["expected_apr"] is not None for row in answer["options"]) else FINDING


def _store(place: Place) -> Store | None:
    """Open the store, where there is one."""
    from perpscope.errors import StoreError

    try:
        return place.store()
    except StoreError as absent:
        if place.folder is not None:
            raise
        say(f"no store is read: {absent}")
        return None


def _absent(answer: dict[str, Any], venue: str) -> Iterator[str]:
    """Say which instruments were not weighed because nobody has them, and whether what was weighed was generated."""
    there = {row["instrument"] for row in answer["options"]}
    if "dated" not in there:
        whose = f" of {venue}" if venue else ""
        yield f"no dated future{whose} is held of that time; state one with --dated-price, --spot-price and --expiry"
    if "swap" not in there:
        yield "no swap of funding is stated: --swap-apr and --swap-maturity"
    if answer["certificate"] and answer["certificate"].get("synthetic"):
        yield "SYNTHETIC: some of these histories were generated and are of no market"


def _print(answer: dict[str, Any], form: str) -> None:
    if form == "csv":
        nested = {"costs", "why_null", "told"}
        render([{name: value for name, value in row.items() if name not in nested} for row in answer["options"]], form)
        return
    if form == "json":
        render(answer, form)
        return
    _tables(answer)


def _tables(answer: dict[str, Any]) -> None:
    """Print the answer for eyes."""
    render([_row(row) for row in answer["options"]], columns=SHOWN, title="simple rates a year on the notional, after costs")
    for row in answer["options"]:
        if row["locked_apr"] is not None or row["expected_apr"] is not None:
            write(f"{row['name']}: {row['explained']}")
    for line in _holes(answer):
        write(line)
    for name, rate in answer["breakeven_fixed"].items():
        if rate is not None:
            write(f"a swap locks what {name} does at a fixed rate of {rate:.2%}")
    write("\n".join(answer["assumed"]))
    if answer["certificate"]:
        write_certificate(answer["certificate"])


def _holes(answer: dict[str, Any]) -> Iterator[str]:
    """Say what is not known and why, each reason once; that what floats locks nothing goes without saying."""
    for row in answer["options"]:
        for why in dict.fromkeys(row["why_null"].values()):
            fields = ", ".join(field for field, said in row["why_null"].items() if said == why)
            if fields != "locked_apr":
                yield f"{row['name']}: no {fields}: {why}"


def _row(row: dict[str, Any]) -> dict[str, Any]:
    shares = {
        "gross": "gross_apr",
        "locked": "locked_apr",
        "expected": "expected_apr",
        "worst": "worst_apr",
        "risk": "residual_risk",
        "breakeven": "breakeven",
    }
    told = {short: None if row[name] is None else f"{row[name]:.2%}" for short, name in shares.items()}
    days = None if row["locked_days"] is None else round(row["locked_days"], 1)
    money = None if row["capital"] is None else round(row["capital"])
    cost = None if row["cost_bp"] is None else round(row["cost_bp"], 2)
    return {"instrument": row["instrument"], "name": row["name"], "days": days, "cost_bp": cost, "capital": money} | told
