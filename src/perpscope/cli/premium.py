"""How exactly can a premium be known? The verb `premium`; nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cyclopts import App

from perpscope.cli.place import Where, say
from perpscope.cli.render import Format, render, write, write_certificate
from perpscope.cli.window import Start, window

premium_app = App(name="premium", help="How exactly a premium can be known.")
SUMMARY = (
    "venue", "symbol", "rule", "seen_in", "interval_hours", "n", "window", "covered", "readings_per_window", "se_reading", "n_effective",
    "se_average", "se_average_apr", "band_apr", "band_premium", "plateau", "published", "published_is", "position_in_band",
)  # fmt: skip


@premium_app.command
def noise(
    venue: str,
    symbol: str,
    *,
    from_: Start = "",
    to: str = "",
    spot: str = "",
    list: str | None = None,  # noqa: A002 - the name of the option
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Measure the noise floor of a premium: how far readings scatter, what their average is worth, which rates could have been published.

    Recorded books and trades are used where the store holds them; else price bars; else averaged premiums.

    Parameters
    ----------
    venue
        Venue of the contract: id, name or alias.
    symbol
        Unified symbol, native id or coin.
    from_
        Data from this moment on, UTC: 2024-08-08 or 2024-08-08T23:54:00Z.
    to
        Data before this moment, UTC.
    spot
        Market that stands for the index, VENUE:SYMBOL: an id, name or alias, a colon, and a symbol such as BTC/USDT.
    list
        Sub-market of the venue, where several hold the symbol.
    """
    from perpscope.audit.noise.run import run_noise

    start, end = window(from_, to)
    found = run_noise(place.store(), venue, symbol, spot=spot, start=start, end=end, market_list=list)
    say(f"{venue} {symbol} is {found.venue} {found.symbol}" + (f" of the list {found.market_list}" if found.market_list else ""))
    answer = found.to_dict()
    if format == "table":
        _tables(answer)
    elif format == "csv":
        render(answer["readings"], format)
    else:
        render(answer, format)
    return 0


def _tables(answer: Mapping[str, Any]) -> None:
    """Print the floor for eyes: the numbers, the choices, the costs by clock, and what a reader must know."""
    render({name: answer[name] for name in SUMMARY}, title="noise floor")
    render(answer["prices"], title="single prices")
    render(answer["readings"], title="rates that could have been published", columns=("choice", "premium", "rate", "apr"))
    if answer["cost_per_bp"]:
        shown = ("clock", "usd", "usd_up", "usd_down", "walk_up", "holding_up", "shift_up")
        render(answer["cost_per_bp"], title="cost of one basis point, by share of the window gone", columns=shown)
    for note in answer["notes"]:
        write(f"note: {note}")
    write_certificate(answer["certificate"])
