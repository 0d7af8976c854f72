"""Which funding payments does this file list, and what else is in it?

Files are known by their names of columns or keys, never by their own name. What nobody has confirmed is refused, with what
is needed instead; lines about other things are counted with the reason.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perpscope.errors import InputError
from perpscope.market.receipt import Receipt
from perpscope.sources.content import read_content
from perpscope.sources.exact_json import decoded
from perpscope.sources.receipts import (
    binance,
    bitget,
    bitmex,
    bybit,
    coinflex,
    deribit,
    dydx,
    gate,
    htx,
    hyperliquid,
    kraken,
    kucoin,
    mexc,
    okx,
)
from perpscope.sources.receipts.clock import zone_of
from perpscope.sources.receipts.plain import NAMED, NEEDS, stated_venue, unified
from perpscope.sources.receipts.shape import Line, ReceiptShape

OWN: tuple[ReceiptShape, ...] = tuple(
    shape
    for module in (binance, bybit, okx, bitmex, hyperliquid, dydx, deribit, kraken, gate, kucoin, bitget, mexc, htx, coinflex)
    for shape in module.SHAPES
)
SHAPES: tuple[ReceiptShape, ...] = (unified(OWN), *OWN, *NAMED)
_GROUPS = ("binance",)
_WRAPPINGS = (
    "data", "result", "list", "rows", "items", "dataList", "resultList", "bills", "fundingPayments", "logs", "settlements", "fundings",
)  # fmt: skip
_PREAMBLE = 5
"""Lines before a table's header that an export may begin with."""
_NAMES_SHOWN = 24
_AS_IT_CAME = "Give the venue's answer as it came."


@dataclass(frozen=True, slots=True)
class Statement:
    """One file, read.

    Parameters
    ----------
    name : of the file. receipts : its funding payments, in its order. others : reason to the number of lines that are none.
    """

    name: str
    receipts: tuple[Receipt, ...]
    others: Mapping[str, int] = field(default_factory=dict)


def read_receipts(path: Path, *, venue: str = "", timezone: str = "") -> Statement:
    """Read the funding payments of a statement.

    Parameters
    ----------
    path : JSON (a list, one object a line, or a venue's whole answer) or CSV, plain or packed.
    venue : venue id or alias, for statements that do not say whose they are. timezone : zone of clocks that name none.

    Raises
    ------
    InputError
        When no statement on record looks so, or a line lacks what it must say.
    SourceError
        When the file cannot be read.
    """
    if timezone:
        zone_of(timezone)
    stated = venue.strip().lower() if venue.strip().lower() in _GROUPS else stated_venue(venue) if venue else ""
    lines = [Line(where, entry, stated, timezone) for where, entry in _lines(path)]
    receipts: list[Receipt] = []
    others: Counter[str] = Counter()
    fitting = [(line, next((shape for shape in SHAPES if shape.fits(_small(line.entry))), None)) for line in lines]
    if not any(shape for _, shape in fitting):
        raise _unknown(path.name, [line.entry for line in lines])
    for line, shape in fitting:
        found = "no funding line on record has these names" if shape is None else shape.read(line)
        if isinstance(found, Receipt):
            receipts.append(found)
        else:
            others[found] += 1
    return Statement(path.name, tuple(receipts), dict(others))


def _small(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Names as written, and in small letters, so that Time and time are one where a table is named plainly."""
    return {**{str(name).strip().lower(): value for name, value in entry.items()}, **entry}


def _unknown(name: str, entries: Sequence[Mapping[str, Any]]) -> InputError:
    if not entries:
        return InputError(f"the statement {name}", "there is not one line in it", "Export it again.")
    has = list(dict.fromkeys(str(key) for key in entries[0]))
    shown = ", ".join(has[:_NAMES_SHOWN]) + (", ..." if len(has) > _NAMES_SHOWN else "")
    return InputError(f"the statement {name}", f"no statement on record has these names: {shown}", f"Name columns {NEEDS}.")


def _lines(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    content = read_content(path)
    if content.kind == "parquet":
        raise InputError(f"the statement {path.name}", "it is Parquet", "Give the venue's JSON or CSV: its digits are needed as printed.")
    try:
        text = content.data.decode()
    except UnicodeDecodeError:
        raise InputError(f"the statement {path.name}", "it is not UTF-8 text", "Export it as UTF-8.") from None
    if content.kind == "csv":
        yield from _rows(path.name, text)
    elif content.kind == "json":
        for number, entry in enumerate(_unwrapped(decoded(text, path.name, _AS_IT_CAME)), 1):
            yield f"{path.name}, entry {number}", entry
    else:
        for number, raw in enumerate(text.splitlines(), 1):
            where = f"{path.name}, line {number}"
            for entry in _unwrapped(decoded(raw, where, _AS_IT_CAME)) if raw.strip() else ():
                yield where, entry


def _unwrapped(body: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - JSON
    """Objects of a list, or of the list inside a venue's answer."""
    if isinstance(body, list):
        for each in body:
            yield from _unwrapped(each)
    elif isinstance(body, Mapping):
        inner = next((body[name] for name in _WRAPPINGS if isinstance(body.get(name), list | Mapping)), None)
        if inner is None or any(shape.fits(body) for shape in SHAPES):
            yield body
        else:
            yield from _unwrapped(inner)


def _rows(name: str, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    table = list(csv.reader(io.StringIO(text, newline="")))
    heads = [dict.fromkeys((cell.strip() for cell in row), "") for row in table[:_PREAMBLE]]
    first = next((k for k, head in enumerate(heads) if any(_may_fit(shape, head) for shape in SHAPES)), 0)
    header = [cell.strip() for cell in table[first]] if table else []
    rows = [(k + 1, row) for k, row in enumerate(table) if k > first and any(cell.strip() for cell in row)]
    extra = {}
    if {"time", "coin", "payment"} <= set(header):
        at = header.index("time")
        extra = {"day_first": "yes"} if hyperliquid.day_first([row[at] for _, row in rows if len(row) > at]) else {}
    for number, row in rows:
        yield f"{name}, row {number}", {**dict(zip(header, (cell.strip() for cell in row), strict=False)), **extra}


def _may_fit(shape: ReceiptShape, head: Mapping[str, Any]) -> bool:
    return all(name in _small(head) for name in shape.has)
