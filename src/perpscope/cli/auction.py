"""At which rate does an auction of carry clear? `clear` for a repo book, `carry` for the daily charge of an undated future."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

from cyclopts import App, Parameter
from msgspec import Meta, Struct

from perpscope.cli.place import say
from perpscope.cli.render import Format, render
from perpscope.errors import InputError
from perpscope.market.document import decoded

if TYPE_CHECKING:
    from perpscope.mechanisms.repo import RepoResult
    from perpscope.trading.carrying import Carry

FINE = 0
PERCENT_LIKE = 0.5
Rate = Annotated[float, Meta(description="a fraction per interval: 0.0001 is 0.01 %")]
Quantity = Annotated[float, Meta(gt=0)]
Delivered = Annotated[float, Meta(ge=0)]
Limit = Annotated[float | None, Meta(description="quote units per unit of the good; null: carried at any charge")]
Document = Annotated[Path, Parameter(allow_leading_hyphen=True, help="JSON file; - for standard input.")]
T = TypeVar("T", bound=Struct)

auction_app = App(name="auction", help="Clear an auction of carry.")


class RepoBook(Struct, forbid_unknown_fields=True, frozen=True):
    """Notices of delivery and a repo book: levels are [rate, quantity], in order of arrival."""

    delivered_long: Delivered
    delivered_short: Delivered
    bids: list[tuple[Rate, Quantity]]
    asks: list[tuple[Rate, Quantity]]


class CarryBook(Struct, forbid_unknown_fields=True, frozen=True):
    """A settlement price and everybody who is open: the most a long pays, the least a short accepts, with quantities."""

    close: Annotated[float, Meta(gt=0)]
    longs: list[tuple[Limit, Quantity]]
    shorts: list[tuple[Limit, Quantity]]


@auction_app.command
def clear(
    file: Document | None = None,
    *,
    failure_rate: Annotated[
        float | None,
        Parameter(allow_leading_hyphen=True, help="Funding rate after a failed delivery, a signed fraction; unknown where absent."),
    ] = None,
    format: Format = "table",  # noqa: A002 - the name of the option
) -> int:
    """Clear a repo auction {delivered_long, delivered_short, bids, asks}, from FILE or standard input."""
    from perpscope.cli.files import text_of
    from perpscope.market.number import to_exact
    from perpscope.mechanisms.repo import clear_repo

    book = _decoded(text_of(file), RepoBook, "a repo auction")
    for side, levels in (("bids", book.bids), ("asks", book.asks)):
        for k, (rate, _) in enumerate(levels):
            _refuse_percent(f"{side}[{k}]", rate)
    if failure_rate is not None:
        _refuse_percent("--failure-rate", failure_rate)
    bids, asks = ([(to_exact(rate), to_exact(quantity)) for rate, quantity in levels] for levels in (book.bids, book.asks))
    given = None if failure_rate is None else to_exact(failure_rate)
    found = clear_repo(to_exact(book.delivered_long), to_exact(book.delivered_short), bids, asks, failure_rate=given)
    render(_repo_answer(found), format)
    if found.failed:
        say(_failure(found))
    return FINE


@auction_app.command
def carry(file: Document | None = None, *, format: Format = "table") -> int:  # noqa: A002 - the name of the option
    """Fix a day's charge {close, longs: [[most, quantity]], shorts: [[least, quantity]]}, from FILE or standard input."""
    from perpscope.cli.files import text_of
    from perpscope.market.number import INF, to_exact
    from perpscope.trading.carrying import fix_carry

    book = _decoded(text_of(file), CarryBook, "an auction of the carry")
    longs = [(INF if limit is None else to_exact(limit), to_exact(quantity)) for limit, quantity in book.longs]
    shorts = [(-INF if limit is None else to_exact(limit), to_exact(quantity)) for limit, quantity in book.shorts]
    found = fix_carry(to_exact(book.close), longs, shorts)
    render(_carry_answer(found), format)
    return FINE


def _decoded(text: str, form: type[T], what: str) -> T:
    """Read a document; numbers may be written as text, as decimals often are."""
    return decoded(text, form, what, f"Give a JSON object with {', '.join(form.__struct_fields__)}.", strict=False)


def _refuse_percent(where: str, rate: float) -> None:
    if not math.isfinite(rate):
        raise InputError(f"the rate of {where}", f"{rate} is not a number", "Give a fraction: 0.05 % is 0.0005.")
    if abs(rate) > PERCENT_LIKE:
        raise InputError(
            f"the rate {rate:g} of {where}", "more than one half, which looks like percent", "Give a fraction: 0.05 % is 0.0005."
        )


def _failure(found: RepoResult) -> str:
    """Say what a failed delivery leaves open, or that the rate given makes those pay who should receive."""
    side = "longs" if found.net_delivery > 0 else "shorts"
    told = f"delivery failure: {float(found.undelivered):g} of the {side} found nobody"
    if found.funding_rate is None:
        return f"{told}; the rate is then the highest possible one, which nobody defined: give --failure-rate"
    if found.funding_rate * found.net_delivery > 0:
        return f"{told}; they should receive funding, but at the rate given they pay: is its sign right?"
    return told


def _repo_answer(found: RepoResult) -> dict[str, object]:
    return {
        "net_delivery": found.net_delivery,
        "clearing_price": found.clearing_price,
        "funding_rate": found.funding_rate,
        "fills": [fill._asdict() for fill in found.fills],
        "undelivered": found.undelivered,
        "failed": found.failed,
        "rejected": [quote._asdict() for quote in found.rejected],
    }


def _carry_answer(found: Carry) -> dict[str, object]:
    return {
        "charge": found.charge,
        "rate": found.rate,
        "next_base": found.next_base,
        "carried": found.carried,
        "deliveries": found.deliveries,
        "receipts": found.receipts,
        "delivering": list(found.delivering),
        "receiving": list(found.receiving),
    }
