"""What carry do dated futures imply, and what does a perpetual pay instead? The verb `basis`; nothing is computed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from perpscope.cli.place import Where, say
from perpscope.cli.render import Format, render
from perpscope.cli.window import window

if TYPE_CHECKING:
    from perpscope.audit.curves import Curve

basis_app = App(name="basis", help="What carry dated futures imply.")

Start = Annotated[str, Parameter(name="--from", help="First trading day: 2021-02-01.")]
End = Annotated[str, Parameter(name="--to", help="Trading days before this one.")]
Name = Annotated[str, Parameter(help="Venue of the futures; needed only where several have some.")]
Near = Annotated[str, Parameter(help="Series of the front contract; needed only where the venue has other than two.")]
Far = Annotated[str, Parameter(help="Series of the second contract.")]
Spot = Annotated[str, Parameter(help="Spot market, VENUE:SYMBOL; else the one with most prices at the closes.")]
Turn = Annotated[int | None, Parameter(help="Business days before the expiry on which the series turns; else fitted to the prices.")]
Holidays = Annotated[bool, Parameter(negative="", help="Keep days without a settlement price against spot.")]
TERM = ("pair", "weeks", "n", "mean", "sd", "apr")


@basis_app.command
def implied(
    *,
    venue: Name = "",
    near: Near = "",
    far: Far = "",
    spot: Spot = "",
    from_: Start = "",
    to: End = "",
    turn: Turn = None,
    holidays: Holidays = False,
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Read the yearly rate that dated futures imply in every way: second over front or spot, front over spot; times twelve, or by days."""
    from perpscope.analysis.carry.implied import DEFINITIONS, daily_carry, readings

    read = _curve(place, (venue, near, far), spot, (from_, to), turn)
    carry = daily_carry(read.curve, with_holidays=holidays)
    found = readings(carry)
    answer = _head(read) | {
        "n": carry.height,
        "n_with_spot": carry["front_over_spot"].drop_nulls().len(),
        "readings": found,
        "definitions": DEFINITIONS,
        "unit": "fraction a year",
    }
    if format == "table":
        render([{"reading": name, "a year": value} for name, value in found.items()], title=_title(read, carry.height))
    else:
        render(answer, format)
    return 0


@basis_app.command
def term(
    *,
    venue: Name = "",
    near: Near = "",
    far: Far = "",
    spot: Spot = "",
    from_: Start = "",
    to: End = "",
    turn: Turn = None,
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Show how far each contract stood above spot by weeks to its delivery; days on which the series turns are left out."""
    from perpscope.analysis.carry.implied import daily_carry, term_structure
    from perpscope.errors import NotEnoughData

    read = _curve(place, (venue, near, far), spot, (from_, to), turn)
    if not read.spot:
        raise NotEnoughData("a term structure", "no spot price at the closes", "Import hourly spot prices, or name a market with --spot.")
    rows = term_structure(daily_carry(read.curve)).to_dicts()
    shown = rows if format == "table" else [row | {"certificate": read.certificate["digest"]} for row in rows]
    render(shown, format, columns=TERM, title=_title(read, read.curve.height))
    return 0


@basis_app.command
def lockin(
    perpetual: str,
    symbol: str,
    *,
    venue: Name = "",
    near: Near = "",
    far: Far = "",
    spot: Spot = "",
    from_: Start = "",
    to: End = "",
    turn: Turn = None,
    list: str | None = None,  # noqa: A002 - the name of the option
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Put what each contract locked on its first day in front beside what a perpetual paid until that contract's delivery.

    Parameters
    ----------
    perpetual
        Venue of the perpetual: id, name or alias.
    symbol
        Unified symbol, native id or coin.
    list
        Sub-market of the perpetual's venue, where several hold the symbol.
    """
    from perpscope.analysis.carry.lockin import locked_and_paid, running
    from perpscope.analysis.series import fixings
    from perpscope.audit.curves import read_perpetual
    from perpscope.errors import NotEnoughData
    from perpscope.market.time import to_text

    read = _curve(place, (venue, near, far), spot, (from_, to), turn)
    contract, rates = read_perpetual(place.store(), perpetual, symbol, list)
    say(f"{perpetual} {symbol} is {contract.identity.venue} {contract.symbol}")
    table = locked_and_paid(read.curve, running(fixings(rates)), "front")
    rows = [
        {
            "entry": to_text(row["entry"]),
            "delivery": to_text(row["delivery"]),
            **{name: row[name] for name in ("locked", "received", "locked_apr", "received_apr", "seen_apr")},
        }
        for row in table.iter_rows(named=True)
        if row["fresh"]
    ]
    if not rows:
        there = "no contract's first day has a spot price and a covered history of the perpetual until its delivery"
        raise NotEnoughData("carry locked beside carry received", there, "Import longer histories of both.")
    digest = place.store().certificate(*read.frames, rates).digest
    shown = rows if format == "table" else [row | {"certificate": digest} for row in rows]
    render(shown, format, title=f"locked by {read.near}, received from {contract.identity.venue} {contract.symbol}")
    return 0


def _curve(place: Where, series: tuple[str, str, str], spot: str, span: tuple[str, str], turn: int | None) -> Curve:
    from perpscope.audit.curves import read_curve

    start, end = window(*span)
    read = read_curve(place.store(), *series, spot=spot, start=start, end=end, turn=turn)
    days = ", ".join(f"{year}: {count}" for year, count in read.turns.items())
    spoken = f"fitted ({days})" if read.turns_are == "fitted" else read.turns_are
    say(f"{read.near} and {read.far} of {read.venue}; business days before the expiry on which they turn: {spoken}")
    if not read.spot:
        say("no spot price at the moment of the closes: only the second contract over the front one is read")
    elif read.apart_hours:
        say(f"spot is {read.spot}, up to {read.apart_hours:g} h before or after the close of the future: moves of those hours enter")
    else:
        say(f"spot is {read.spot}, bars of {read.bar_hours:g} h, at the moment of the closes")
    return read


def _head(read: Curve) -> dict[str, Any]:
    from perpscope.market.time import to_text

    days = read.curve["day"]
    return {
        "venue": read.venue,
        "near": read.near,
        "far": read.far,
        "spot": read.spot or None,
        "spot_apart_hours": read.apart_hours if read.spot else None,
        "window": [to_text(int(days[0]))[:10], to_text(int(days[-1]))[:10]],
        "turns": read.turns,
        "turns_are": read.turns_are,
        "certificate": read.certificate["digest"],
        "complete": read.certificate["complete"],
    }


def _title(read: Curve, n: int) -> str:
    first, last = _head(read)["window"]
    return f"{read.venue} {read.near} {read.far}, {first} to {last}, n = {n} trading days; certificate {read.certificate['digest'][:12]}"
