"""When does a monthly coin future expire, and on which days is it settled?

The rule: trading ends on the last Friday of the contract month if that is a business day in London or in the United States,
else on the business day before. Two last Fridays can be holidays in both places: Good Friday (in
March) and Christmas Day. On a holiday of the exchange no settlement price is made, so a bar of that day closes at
another hour than it says.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache

from perpscope.errors import InputError
from perpscope.market.time import to_ms

FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
THURSDAY = 3
DECEMBER, MARCH = 12, 3
JUNETEENTH_SINCE = 2022
"""First year in which the exchange kept 19 June."""


@cache
def expiry(year: int, month: int) -> date:
    """Return the last trading day of the contract of a month.

    Parameters
    ----------
    year, month : of the contract; month 1 to 12.

    Examples
    --------
    >>> expiry(2021, 3), expiry(2020, 12)
    (datetime.date(2021, 3, 26), datetime.date(2020, 12, 24))

    **Source**: contract specification of the Bitcoin futures and their options, "Termination of Trading",
    www.cmegroup.com/trading/equity-index/us-index/bitcoin_contractSpecs_options.html, which wants a business day in both places; the
    rulebook of the micro contract (34802.F, second hand) has read "either" since 2023. From 2017 to 2024 both give the same days: only
    a Friday 26 December, a holiday in London alone, tells them apart, first in 2025.
    """
    after = date(year + month // 12, month % 12 + 1, 1)
    last = after - timedelta(days=1)
    friday = last - timedelta(days=(last.weekday() - FRIDAY) % 7)
    return friday - timedelta(days=1) if friday in (date(year, 12, 25), good_friday(year)) else friday


def contract_months(day: date, rolls_before: int, count: int) -> list[date]:
    """Return the expiries of the next contracts on a day, the front one first.

    Parameters
    ----------
    day : trading day. rolls_before : business days (Monday to Friday) before an expiry on which the next contract becomes the front
    one; 0: on the expiry itself. count : how many.

    Examples
    --------
    >>> contract_months(date(2021, 3, 24), 1, 2)
    [datetime.date(2021, 3, 26), datetime.date(2021, 4, 30)]
    >>> contract_months(date(2021, 3, 25), 1, 1)
    [datetime.date(2021, 4, 30)]

    **Source**: definition of a continuous series that rolls before it expires.
    """
    if rolls_before < 0 or count < 1:
        raise InputError(
            "the contracts of a day", f"{rolls_before} days before the expiry, {count} contracts", "Give 0 or more, and 1 or more."
        )
    found: list[date] = []
    year, month = day.year, day.month
    while len(found) < count:
        end = expiry(year, month)
        if day < business_days_before(end, rolls_before):
            found.append(end)
        year, month = year + month // 12, month % 12 + 1
    return found


def business_days_before(day: date, count: int) -> date:
    """Return the day that lies `count` days from Monday to Friday before `day`.

    **Source**: definition.
    """
    while count:
        day -= timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day


def settles(day: date) -> bool:
    """Tell whether a settlement price is made on a day: Monday to Friday and no holiday of the exchange.

    Examples
    --------
    >>> settles(date(2021, 11, 25)), settles(date(2021, 11, 26))
    (False, True)

    **Source**: the holidays that pandas_market_calendars lists in cme_globex_crypto.py (closed, or closed early), which are those of
    the New York exchanges, Juneteenth since 2022; Saturdays are kept on the Friday before and Sundays on the Monday after, New Year's Day
    on a Saturday not at all. Held against QuantLib's New York calendar.
    """
    return day.weekday() < SATURDAY and day not in _holidays(day.year)


@cache
def _holidays(year: int) -> frozenset[date]:
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 12, 25)] + ([date(year, 6, 19)] if year >= JUNETEENTH_SINCE else [])
    kept = {_kept(day) for day in fixed if not (day.month == 1 and day.weekday() == SATURDAY)}
    floating = {_nth(year, 1, 0, 3), _nth(year, 2, 0, 3), _last_monday_of_may(year), _nth(year, 9, 0, 1), _nth(year, 11, THURSDAY, 4)}
    return frozenset(kept | floating | {good_friday(year)})


def _kept(day: date) -> date:
    return day + timedelta(days={SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0))


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())


def good_friday(year: int) -> date:
    """Return the Friday before Easter Sunday (Gregorian).

    Examples
    --------
    >>> good_friday(2024)
    datetime.date(2024, 3, 29)

    **Source**: anonymous Gregorian computus (Nature, 20 April 1876; Meeus, Astronomical Algorithms, chapter 8).
    """
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * weekday) // 433
    month = (h + weekday - 7 * m + 90) // 25
    return date(year, month, (h + weekday - 7 * m + 33 * month + 19) % 32) - timedelta(days=2)


def day_of(ms: int) -> date:
    """Return the UTC day of a time in ms.

    **Source**: definition.
    """
    return datetime.fromtimestamp(ms / 1000, tz=UTC).date()


def midnight(day: date) -> int:
    """Return 00:00 UTC of a day, ms.

    **Source**: definition.
    """
    return to_ms(datetime(day.year, day.month, day.day, tzinfo=UTC))
