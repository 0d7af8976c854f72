"""Does every funding payment of an account statement follow from rate, price and position? The verb `reconcile`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from perpscope.cli.place import Place, Where, say
from perpscope.cli.render import Format, render, write
from perpscope.errors import InputError, StoreError

if TYPE_CHECKING:
    from perpscope.store import Store

Start = Annotated[str, Parameter(name="--from", help="Receipts may be missing from this moment on, UTC.")]
End = Annotated[str, Parameter(name="--to", help="Receipts may be missing before this moment, UTC.")]
COLUMNS = ("at", "venue", "symbol", "printed", "asset", "verdict", "expected", "tolerance", "why")
SHOWN = 40


def reconcile(
    *files: Path,
    venue: str = "",
    fixings: Annotated[Path | None, Parameter(help="JSON lines {venue, symbol, at, funding_rate, interval_hours, price}.")] = None,
    positions: Annotated[Path | None, Parameter(help="JSON lines {account, venue, symbol, at, quantity}.")] = None,
    contracts: Annotated[Path | None, Parameter(help="JSON lines {venue, symbol, contract_size}.")] = None,
    account: str = "",
    timezone: str = "",
    from_: Start = "",
    to: End = "",
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Explain every receipt to its last printed digit, or show what is missing.

    Exit 0 when all are explained, 1 when one is not or one is missing.

    Parameters
    ----------
    files
        Statements: ccxt's fetchFundingHistory, answers of venues, exports as CSV.
    venue
        Whose they are, where they do not say it: the venue's id in ccxt, or an alias; else that of fixings and positions.
    fixings
        Rates as applied; without them the store's, else those the statements state.
    positions
        What was held; without them what the statements state, and no receipt can be missing.
    contracts
        Units per contract, where the catalogue does not know them.
    account
        Whose positions, where the file holds several accounts.
    timezone
        Zone of clocks that name none: UTC, +08:00, Europe/Berlin.
    """
    from perpscope.audit.reconcile import Question
    from perpscope.audit.reconcile import reconcile as explain
    from perpscope.audit.reconcile.gather import evidence_of
    from perpscope.cli.files import text_of
    from perpscope.sources.receipts.read import read_receipts
    from perpscope.sources.records import read_contracts, read_fixings, read_positions

    if not files:
        raise InputError("to reconcile", "no statement", "Give the file of a statement.")
    decided = None if fixings is None else read_fixings(text_of(fixings)).rows
    held = None if positions is None else read_positions(text_of(positions)).rows
    named = {row.fixing.venue for row in decided or ()} | {row.position.venue for row in held or ()}
    whose = venue or (named.pop() if len(named) == 1 else "")
    statements = [read_receipts(_there(file), venue=whose, timezone=timezone) for file in files]
    for statement in statements:
        for reason, count in statement.others.items():
            say(f"{statement.name}: {count} other lines, {reason}")
    receipts = [receipt for statement in statements for receipt in statement.receipts]
    evidence = evidence_of(
        receipts,
        fixings=decided,
        positions=held,
        contracts=() if contracts is None else read_contracts(text_of(contracts)).rows,
        account=account,
        window=_window(from_, to),
        store=_store(place) if decided is None else None,
    )
    found = explain(Question(receipts, evidence))
    document = found.to_dict()
    if format == "table":
        _tables(document)
    else:
        render(document if format == "json" else document["receipts"], format)
    return int(found.finding)


def _there(file: Path) -> Path:
    if not file.is_file():
        raise InputError(f"the statement {file}", "there is no such file", "Give the path of a file.")
    return file


def _store(place: Place) -> Store | None:
    """Open the store where there is one; statements that state rate and price need none."""
    try:
        return place.store()
    except StoreError as problem:
        say(f"no store is used: {problem}")
        return None


def _window(start: str, end: str) -> tuple[int, int] | None:
    from perpscope.market.time import FOREVER, day_ms

    if not start and not end:
        return None
    first, last = (day_ms(start) if start else 0), (day_ms(end) - 1 if end else FOREVER)
    if last < first:
        raise InputError("the time to reconcile", f"from {start} to {end}", "Give a start before the end.")
    return first, last


def _tables(document: Mapping[str, Any]) -> None:
    """Print the verdicts for eyes: findings first, then what is missing, then totals."""
    rows = [{**row, "why": _why(row)} for row in document["receipts"]]
    findings = [row for row in rows if row["verdict"] != "explained"]
    explained = [row for row in rows if row["verdict"] == "explained"]
    _listed("not explained", findings, COLUMNS)
    _listed("explained", explained, COLUMNS)
    _listed("missing: held and decided, but not in the statement", document["missing"], ())
    totals = [{"asset": asset, **total} for asset, total in document["totals"].items()]
    _listed("totals", totals, ())


def _why(row: Mapping[str, Any]) -> str:
    causes = "; or ".join(f"{each['cause']}: {each['detail']}" for each in row["causes"])
    lacks = f"lacks {', '.join(row['lacks'])}" if row["lacks"] else ""
    implied = ", ".join(f"{name} {_span(each)}" for name, each in row["implied"].items())
    follows = f"implied: {implied}" if implied and not causes else ""
    cut = {
        "cut": "its last digits were cut off",
        "rounded": "within what rounding leaves open",
        "inputs cut": "if digits of rate or price were cut off",
    }
    return "; ".join(part for part in (lacks, causes, follows, cut.get(row["digits"], "")) if part)


def _span(span: Mapping[str, float]) -> str:
    low, high = span["low"], span["high"]
    return f"{low:.8g}" if f"{low:.8g}" == f"{high:.8g}" else f"{low:.8g} to {high:.8g}"


def _listed(title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    if not rows:
        return
    render(rows[:SHOWN], columns=columns, title=title)
    if len(rows) > SHOWN:
        write(f"and {len(rows) - SHOWN} more: --format json has them all")
