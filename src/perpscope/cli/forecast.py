"""Which forecast of funding is best? The verb `forecast`; nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from perpscope.cli.place import Where, say
from perpscope.cli.render import Format, render
from perpscope.cli.window import Start, window

if TYPE_CHECKING:
    from perpscope.analysis.forecast.contest import Setting
    from perpscope.audit.forecasting import Foreseen

forecast_app = App(name="forecast", help="Which forecast of funding is best.")
HORIZONS = ("next", "1d", "3d", "7d", "30d")
SHOWN = (
    "model", "horizon", "rmse_bp", "mae_bp", "money_per_million", "r2_oos", "r2_oos_last", "dm_p", "mcs_p", "in_mcs", "coverage_90", "n",
)  # fmt: skip
DIGITS = 4
MOST_DAYS = 36_500

Ahead = Annotated[tuple[str, ...], Parameter(consume_multiple=True)]


@forecast_app.command
def contest(
    venue: str,
    symbol: str,
    *,
    from_: Start = "",
    to: str = "",
    horizons: Ahead = HORIZONS,
    reference: str = "last_rate",
    window_days: float = 0,
    spot: str = "",
    seed: int = 0,
    list: str | None = None,  # noqa: A002 - the name of the option
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Let every model foretell the rate of one contract at every settlement from its past alone, and judge them.

    Errors are of the average rate over the horizon: in basis points per interval, and in money on a position of 1,000,000. r2_oos is
    against the mean of the past, dm_p Diebold and Mariano's against the reference, in_mcs the 90 % model confidence set.

    Parameters
    ----------
    venue
        Venue of the contract: id, name or alias.
    symbol
        Unified symbol, native id or coin.
    from_
        Settlements from this moment on, UTC: 2025-09-18 or 2025-09-18T08:01:00Z.
    to
        Settlements before this moment, UTC.
    horizons
        next, or a time such as 12h or 7d; several may follow.
    reference
        Model the others are tested against.
    window_days
        Fit models on so many days before each refit; 0 takes all of the past.
    spot
        Spot market a premium is measured against where the venue publishes none, VENUE:SYMBOL; a symbol is BTC/USDT.
    seed
        Of the resamples of the model confidence set.
    list
        Sub-market of the venue, where several hold the symbol.
    """
    from perpscope.analysis.forecast.contest import contest as hold
    from perpscope.market.time import to_text

    known, setting = _known(place, venue, symbol, (from_, to), list, spot), _setting(horizons, reference, seed, window_days)
    found = hold(known.history, setting)
    for name, why in found.absent.items():
        say(f"absent: {name}: {why}")
    digest = known.certificate.get("digest")
    rows = [
        {**score.to_dict(), "first": to_text(score.first), "last": to_text(score.last), "certificate": digest} for score in found.scores
    ]
    _print(rows, format, f"contest; bp per {rows[0]['per_hours']:g} h, judged {rows[0]['first']} to {rows[0]['last']}", SHOWN)
    return 0


@forecast_app.command
def placebo(
    venue: str,
    symbol: str,
    *,
    from_: Start = "",
    to: str = "",
    horizons: Ahead = HORIZONS,
    spot: str = "",
    seed: int = 0,
    list: str | None = None,  # noqa: A002 - the name of the option
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Hold the contest on the same rates in random order, and make every forecast again with another future.

    In random order no model may beat the mean of the past (r2_oos_shuffled above 0 by more than noise is a leak); `moved` is the
    largest change of a forecast when only what came after it was exchanged, and must be 0: anything else exits with 1.

    Parameters
    ----------
    venue
        Venue of the contract: id, name or alias.
    symbol
        Unified symbol, native id or coin.
    from_
        Settlements from this moment on, UTC: 2025-09-18 or 2025-09-18T08:01:00Z.
    to
        Settlements before this moment, UTC.
    horizons
        next, or a time such as 12h or 7d; several may follow.
    spot
        Spot market a premium is measured against where the venue publishes none, VENUE:SYMBOL; a symbol is BTC/USDT.
    seed
        Of the random order.
    list
        Sub-market of the venue, where several hold the symbol.
    """
    from dataclasses import asdict

    from perpscope.analysis.forecast.placebo import placebo as held

    known = _known(place, venue, symbol, (from_, to), list, spot)
    rows = [asdict(each) for each in held(known.history, _setting(horizons, "last_rate", seed))]
    _print(rows, format, "placebo")
    return int(any(row["moved"] != 0 for row in rows))


def _known(place: Where, venue: str, symbol: str, span: tuple[str, str], market_list: str | None, spot: str) -> Foreseen:
    from perpscope.audit.forecasting import foreseen
    from perpscope.market.time import to_text

    start, end = window(*span)
    found = foreseen(place.store(), venue, symbol, market_list=market_list, start=start, end=end, spot=spot)
    slot = found.history.slot
    say(f"{venue} {symbol} is {found.contract.identity.venue} {found.contract.symbol}")
    say(f"{len(slot):,} settlements, {to_text(int(slot[0]))} to {to_text(int(slot[-1]))}, certificate {found.certificate.get('digest')}")
    for note in found.notes:
        say(note)
    return found


def _setting(horizons: tuple[str, ...], reference: str, seed: int, window_days: float = 0) -> Setting:
    from perpscope.analysis.forecast.contest import Setting
    from perpscope.analysis.forecast.horizons import Horizon
    from perpscope.errors import InputError
    from perpscope.units import MS_PER_DAY

    if not 0 <= window_days < MOST_DAYS:
        raise InputError(f"a window of {window_days} days", "not from 0 to a century", "Give days, or 0 for all of the past.")
    asked = tuple(Horizon.parse(part) for text in horizons for part in text.split(",") if part.strip())
    return Setting(asked, reference, seed, window_ms=round(window_days * MS_PER_DAY))


def _print(rows: list[dict[str, Any]], form: str, title: str, columns: tuple[str, ...] = ()) -> None:
    shown = [_short(row) for row in rows] if form == "table" else rows
    render(shown, form, columns=columns, title=title)


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in row.items()}
