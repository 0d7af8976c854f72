"""How are halts, stand-ins, margins, tiers and policies of a backtest written on a command line?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from perpscope.cli.amounts import number_of, share_of
from perpscope.errors import InputError

if TYPE_CHECKING:
    from perpscope.trading.trade import Leg, Policy, Trade

_HALT = re.compile(r"(?P<venue>.+?):(?P<start>\d{4}-\d\d-\d\d.*?)[:/](?P<end>\d{4}-\d\d-\d\d.*)")
NEVER = {"never", "none", "-inf"}


def sizes(what: str, text: str) -> list[Fraction]:
    """Read notionals, each above 0.

    Raises
    ------
    InputError
        When one is no number, or not above 0.
    """
    found = numbers(what, text)
    if any(each <= 0 for each in found):
        raise InputError(what, f"{text!r}", "Give notionals above 0, with commas between: 1e5,1e6.")
    return found


def numbers(what: str, text: str) -> list[Fraction]:
    """Read several, parted by commas."""
    return [number_of(what, part) for part in text.split(",") if part.strip()]


def yearly(what: str, text: str) -> float:
    """Read a threshold: a rate with its period (10%/year, 0.01%/8h), or a plain share, which is a year's; "never" is below everything."""
    from perpscope.units import Rate

    if text.strip().lower() in NEVER:
        return float("-inf")
    return Rate.parse(text).apr if "/" in text else float(share_of(what, text))


def below_one(what: str, text: str) -> float:
    """Read a yearly rate of waiting, which nobody was ever paid 100 % for.

    Raises
    ------
    InputError
        When it is that large: a slip of the unit.
    """
    found = yearly(what, text)
    if found >= 1:
        raise InputError(what, f"{found:.0%} a year", "Write 5% or 0.05.")
    return found


def bar_of(text: str) -> float | None:
    """Read the length of a bar in hours: 1m, 1h, 8h; None where nothing is said."""
    from perpscope.sources.units import read_bar

    try:
        return read_bar(text) if text else None
    except ValueError:
        raise InputError(f"--bar {text!r}", "no length of a bar", "Write 1m, 1h, 8h or a number of hours.") from None


def halts_of(texts: Iterable[str]) -> dict[str, tuple[tuple[int, int], ...]]:
    """Read halts, VENUE:FROM:TO with ISO times or dates.

    Raises
    ------
    InputError
        When one is not of that form, or ends before it begins.
    """
    from perpscope.audit.which import venue_named
    from perpscope.market.time import day_ms

    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for text in texts:
        read = _HALT.fullmatch(text)
        if not read:
            form = "Write VENUE:FROM:TO, such as VENUE:2021-05-19T12:00Z:2021-05-19T18:00Z."
            raise InputError(f"the halt {text!r}", "not of the form VENUE:FROM:TO", form)
        start, end = day_ms(read["start"]), day_ms(read["end"])
        if end <= start:
            raise InputError(f"the halt {text!r}", "it ends before it begins", "Give the earlier time first.")
        venue = venue_named(read["venue"])
        found[venue] = (*found.get(venue, ()), (start, end))
    return found


def stand_ins_of(texts: Iterable[str], legs: Sequence[Leg]) -> dict[str, tuple[str, str, str]]:
    """Read whose prices stand in for a leg's: LEG=VENUE:SYMBOL, LEG a leg's VENUE:SYMBOL, its venue, or its number from 1 on.

    Raises
    ------
    InputError
        When one is not of that form, or no leg is called that.
    """
    from perpscope.trading.leg_text import parse_leg

    found: dict[str, tuple[str, str, str]] = {}
    for text in texts:
        named, equals, other = text.rpartition("=")
        if not equals or not named or ":" not in other:
            raise InputError(f"the stand-in {text!r}", "not of the form LEG=VENUE:SYMBOL", "Write it like 2=VENUE:BTC/USDT.")
        leg, one = _called(named.strip(), legs), parse_leg(f"long:{other.strip()}")
        found[leg.name] = (one.venue, one.symbol, one.market)
    return found


def _called(name: str, legs: Sequence[Leg]) -> Leg:
    fits = [leg for place, leg in enumerate(legs, 1) if name in {leg.name, leg.venue, str(place)}]
    if len(fits) != 1:
        there = f"the legs are {', '.join(f'{place} = {leg.name}' for place, leg in enumerate(legs, 1))}"
        raise InputError(f"the leg {name!r}", there, "Name one of them, or give its number.")
    return fits[0]


def maintenance_of(texts: Iterable[str], legs: Sequence[Leg]) -> dict[str, Fraction]:
    """Read maintenance rates: 0.5% for every leg, LEG=0.5% for one of them; "" names all others."""
    found = {}
    for text in texts:
        named, equals, rate = text.rpartition("=")
        found[_called(named.strip(), legs).name if equals else ""] = share_of("the maintenance rate", rate)
    return found


def late_of(texts: Iterable[str], legs: Sequence[Leg]) -> dict[str, float]:
    """Read by how much the bars of a leg are stamped late: LEG=4h; -1h where they are early."""
    from perpscope.sources.units import read_bar

    found = {}
    for text in texts:
        named, equals, length = text.rpartition("=")
        sign, size = (-1, length[1:]) if length.startswith("-") else (1, length)
        try:
            found[_called(named.strip(), legs).name] = sign * read_bar(size)
        except ValueError:
            raise InputError(f"the lateness {text!r}", "not of the form LEG=4h", "Write it like 2=4h.") from None
        if not equals:
            raise InputError(f"the lateness {text!r}", "not of the form LEG=4h", "Write it like 2=4h.")
    return found


def of_the_trade(option: str, venues: Iterable[str], trade: Trade) -> None:
    """Refuse an option that speaks of a venue where the trade has no leg: it would be without effect.

    Raises
    ------
    InputError
        Naming the venue, and those of the trade.
    """
    for venue in venues:
        if venue and venue not in trade.venues:
            raise InputError(f"{option} {venue}", f"the trade is made at {', '.join(trade.venues)}", "Name one of these venues.")


def coefficient(text: str) -> float:
    """Read the coefficient of a law of impact, 0 or more."""
    found = float(number_of("--impact", text))
    if found < 0:
        raise InputError("--impact", f"a coefficient of {found:g}", "Give 0 or more: larger orders never fill better.")
    return found


def other_named(spot: str, against: str) -> str:
    """Other leg of a trade on one perpetual, as `--spot` or `--against` names it; "" for none.

    Raises
    ------
    InputError
        When both name one, when `--spot` names a contract, or when a policy is named as a leg.
    """
    from perpscope.runs.contrast import POLICIES

    if against in POLICIES:
        do = f"To run another policy beside it say --compare {against}; --against names the other leg, VENUE:SYMBOL."
        raise InputError(f"--against {against}", "a policy, not a leg", do)
    if spot and against:
        raise InputError("a trade", f"two other legs, --spot {spot} and --against {against}", "Name one, or write all with --leg.")
    if spot.count(":") > 1:
        raise InputError(f"--spot {spot}", "a contract, not a spot market", "Say --against VENUE:SYMBOL.")
    return spot or against


def kind_said(kind: str | None, legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """Return legs, where they make the kind of trade that is said; a coin-margined short alone is a cash and carry as well.

    Raises
    ------
    InputError
        When they make another kind.
    """
    from perpscope.trading.leg_text import kind_of

    made = kind_of(legs)
    hedged = kind == "cash_and_carry" and made == "naked_short" and legs[0].market == "inverse"
    if kind is None or kind == made or hedged:
        return legs
    raise InputError(f"a trade of the kind {kind}", f"its legs make a {made}", "Leave out --kind, or write the legs of that kind.")


def policy_of(name: str, enter: str, leave: str, look: int | None, times: tuple[float, float, float | None], *, follow: bool) -> Policy:
    """Build a policy from a name, thresholds and times (hours: least stay, rest, longest stay).

    Raises
    ------
    InputError
        For a name nobody defined, or thresholds that do not go with it.
    """
    from dataclasses import replace

    from perpscope.runs.contrast import POLICIES, policy_named
    from perpscope.trading.trade import Policy

    if follow and name != "threshold" and not (enter or leave):
        do = "Give --enter and --exit with it; --policy flip turns the sides by itself."
        raise InputError(f"the policy {name}", "--follow, which goes with thresholds", do)
    stay, rest, most = times
    longest = float("inf") if most is None else most
    if name == "threshold" or (enter or leave):
        if name in POLICIES and name != "hold":
            raise InputError(f"the policy {name}", "thresholds beside it", "Leave out --enter and --exit, or say --policy threshold.")
        low = yearly("--enter", enter) if enter else 0.0
        high = yearly("--exit", leave) if leave else min(low, 0.0)
        return Policy(low, high, 3 if look is None else look, follow, stay, rest, longest)
    return replace(policy_named(name, look), stay_hours=stay, rest_hours=rest, most_hours=longest)
