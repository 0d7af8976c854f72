"""What did positions pay and receive in funding, and what would another rule have made of them?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from perpscope.cli.place import Where, say
from perpscope.cli.render import Format, render

if TYPE_CHECKING:
    from perpscope.audit.paid.run import Paid

FINE = 0
COLUMNS = ("account", "venue", "symbol", "at", "quantity", "funding_rate", "price", "amount", "asset")


def settle(
    *,
    positions: Annotated[
        Path, Parameter(allow_leading_hyphen=True, help="JSON lines {account, venue, symbol, at, quantity}; - for standard input.")
    ],
    fixings: Annotated[
        Path | None, Parameter(allow_leading_hyphen=True, help="JSON lines {venue, symbol, at, funding_rate, interval_hours, price}.")
    ] = None,
    contracts: Annotated[Path | None, Parameter(help="JSON lines {venue, symbol, contract_size, listed, ended}.")] = None,
    as_: Annotated[str, Parameter(name="--as", help="Settle under this venue's rule instead, and tell the difference by part.")] = "",
    but: Annotated[tuple[str, ...], Parameter(negative="", help="Change a number of the rule: damper=0, cap=inf, interval_hours=1.")] = (),
    give: Annotated[
        tuple[str, ...], Parameter(negative="", help="Number of the contract that a rule leaves open, such as cap=0.003.")
    ] = (),
    rule_at: Annotated[str, Parameter(help="Date of the other rule; the one in force at each window where absent.")] = "",
    estimate: Annotated[bool, Parameter(negative="", help="Estimate missing prices, and say by how much they may be off.")] = False,
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Pay funding to positions: from the fixings of a file or, without one, of the store. Positive amounts are received.

    With --as or --but, show what the same positions would have paid under another rule; premiums come from the fixings
    (`premium`), the store, or the rates where these tell them.
    """
    from perpscope.audit.paid.run import run_settlement
    from perpscope.cli.files import text_of
    from perpscope.sources.records import read_contracts, read_fixings, read_positions

    held = read_positions(text_of(positions))
    decided = None if fixings is None else read_fixings(text_of(fixings))
    known = None if contracts is None else read_contracts(text_of(contracts))
    for name, read in (("positions", held), ("fixings", decided), ("contracts", known)):
        if read is not None and read.ignored:
            say(f"{name}: not used: {', '.join(read.ignored)}")
    found = run_settlement(
        held.rows,
        None if decided is None else decided.rows,
        () if known is None else known.rows,
        store=place.store() if decided is None else None,
        missing_price="estimate" if estimate else "stop",
    )
    if as_ or but:
        return _compared(found, as_, (but, give), rule_at, format)
    document = found.document()
    if format == "table":
        render(document["payments"], format, columns=COLUMNS)  # type: ignore[arg-type]  # rows of the document
        for asset, total in found.settled.totals.items():
            say(f"total {float(total):.12g} {asset} {'received' if total >= 0 else 'paid'}")
    else:
        render(document if format == "json" else document["payments"], format)  # type: ignore[arg-type]  # rows of the document
    for note in found.notes:
        say(note)
    return FINE


def _compared(found: Paid, venue: str, said: tuple[tuple[str, ...], tuple[str, ...]], rule_at: str, form: str) -> int:
    """Show the run beside the same positions under another rule."""
    from perpscope.audit.paid.laws import read_changes
    from perpscope.audit.paid.other import compare
    from perpscope.cli.files import numbers_of
    from perpscope.market.number import to_exact
    from perpscope.market.time import day_ms

    but, give = said
    given = {name: to_exact(value) for name, value in numbers_of(give).items()}
    compared = compare(found, venue, read_changes(but), day_ms(rule_at) if rule_at else None, given)
    document = compared.document()
    if form == "json":
        render({**document, "notes": [*found.notes, *compared.notes]}, form)
    else:
        render(compared.accounts(), form)
        if form == "table" and document["by_part"]:
            render(document["by_part"], form, title="the difference, by part of the rule")  # type: ignore[arg-type]  # rows of the document
    for note in (*found.notes, *compared.notes):
        say(note)
    return FINE
