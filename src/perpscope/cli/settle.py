"""What did positions pay and receive in funding, and what would another rule have made of them?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from perpscope.cli.place import Where, say
from perpscope.cli.render import Format, render

FINE = 0
COLUMNS = ("account", "venue", "symbol", "at", "quantity", "funding_rate", "price", "amount", "asset")


def settle(
    *,
    positions: Annotated[Path, Parameter(help="JSON lines {account, venue, symbol, at, quantity}; - for standard input.")],
    fixings: Annotated[Path | None, Parameter(help="JSON lines {venue, symbol, at, funding_rate, interval_hours, price}.")] = None,
    contracts: Annotated[Path | None, Parameter(help="JSON lines {venue, symbol, contract_size, listed, ended}.")] = None,
    estimate: Annotated[bool, Parameter(negative="", help="Estimate missing prices, and say by how much they may be off.")] = False,
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Pay funding to positions: from the fixings of a file or, without one, of the store. Positive amounts are received."""
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
