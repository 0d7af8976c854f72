"""Which venues does a line such as "One (2025) / Other Futures (before 2022-09-29 12:00 UTC)" name, and when?

Names are those of the catalogue, in any spelling; what stands around a name is read as a date, an interval or a kind of
contract. A name the catalogue does not have is kept as such, never dropped.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from perpscope.catalogue.check.dates import moment_in
from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.market.instrument import MARKETS

NO_VENUE = frozenset({"identity", "identities", "algebra", "definition", "formula", "any", "any venue"})
_HOURS = re.compile(r"\b(\d+(?:\.\d+)?)\s*(?:h|hours?)\b", re.IGNORECASE)
_PART = re.compile(r"\s*(?:/|;|,|\s+vs\.?\s+|\s+and\s+|\s+&\s+)\s*")
_COIN_MARGINED = re.compile(r"\bcoin[- ]m(?:argined)?\b", re.IGNORECASE)
_VERSION = re.compile(r"v\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """One venue of a line.

    Parameters
    ----------
    text : as written. venues : ids; several where one name heads several venues ("X" for "X linear" and "X inverse"), none
    where the catalogue does not have the name. anonymous : whether no venue is meant, only an identity.
    moment : ms UTC of the rule meant; None where no date is named. hours : interval named. market : kind of contract
    named. rest : words that were not understood. paid : "coin" or "money" where the example says in which of them it pays.
    """

    text: str
    venues: tuple[str, ...] = ()
    anonymous: bool = False
    moment: int | None = None
    hours: Fraction | None = None
    market: str = ""
    rest: tuple[str, ...] = ()
    paid: str = ""


def mentions(line: str) -> tuple[Mention, ...]:
    """Return the venues a line names, in order.

    Examples
    --------
    >>> [m.text for m in mentions("identity")]
    ['identity']
    """
    found: list[Mention] = []
    for part in _parts(unicodedata.normalize("NFKC", line)):
        one = _mention(part)
        if not one.venues and not one.anonymous and found:
            one = _after(part, found[-1]) or one
        found.append(one)
    last = found[-1] if found else None
    return tuple(replace(one, hours=one.hours or (last.hours if last else None)) for one in found)


def _after(part: str, last: Mention) -> Mention | None:
    """Read a name that leans on the one before it: "v3/v4", "USD-M and COIN-M"."""
    if _VERSION.fullmatch(part):
        return _mention(_VERSION.sub(part, last.text, count=1))
    one = _mention(f"{last.text.split()[0]} {part}")
    return replace(one, text=part) if one.venues and one.venues != last.venues else None


def _parts(line: str) -> list[str]:
    """Cut at separators outside parentheses, keeping dates and names with dots whole."""
    held: list[str] = []

    def hide(match: re.Match[str]) -> str:
        held.append(match.group())
        return f"\0{len(held) - 1}\0"

    cut = _PART.split(re.sub(r"\([^()]*\)", hide, line))
    return [re.sub(r"\0(\d+)\0", lambda m: held[int(m[1])], part).strip() for part in cut if part.strip()]


def _mention(part: str) -> Mention:
    aside = " ".join(re.findall(r"\(([^()]*)\)", part))
    bare = re.sub(r"\([^()]*\)", " ", part).strip()
    if _plain(bare) in {_plain(name) for name in NO_VENUE}:
        return Mention(part, anonymous=True)
    venues, left = _named(bare, aside)
    moment, words = moment_in(f"{left} {aside}")
    hours = _HOURS.search(words)
    words = _COIN_MARGINED.sub("inverse", words)
    kinds = [kind for kind in MARKETS if re.search(rf"\b{kind}\b", words, re.IGNORECASE)]
    rest = [word for word in re.findall(r"[\w.-]+", _HOURS.sub(" ", words)) if word.lower() not in kinds]
    return Mention(
        text=part,
        venues=venues,
        moment=moment,
        hours=Fraction(hours[1]) if hours else None,
        market=kinds[0] if kinds else "",
        rest=tuple(rest),
    )


def _named(bare: str, aside: str) -> tuple[tuple[str, ...], str]:
    """Venue ids and the words left over: the longest name of the catalogue that the text starts with.

    What stands in parentheses may be part of the name ("COIN-M"); a version that the name does not carry is another venue;
    a name that only heads longer ones means each of them.
    """
    names = _names()
    for word in re.findall(r"[\w.-]+", aside):
        if venue := names.get(_plain(f"{bare} {word}")):
            return (venue,), aside.replace(word, " ")
    words = bare.split()
    for count in range(len(words), 0, -1):
        left = words[count:]
        head = _plain(" ".join(words[:count]))
        found = (names[head],) if head in names else _headed(" ".join(words[:count]))
        if found:
            other = any(_VERSION.fullmatch(word) for word in left)
            return (() if other else found), " ".join(left)
    return (), bare


def _headed(head: str) -> tuple[str, ...]:
    """Venues whose name starts with these words; linear ones first, as the catalogue's ids end with the kind."""
    found = [venue for venue in _with_rules() if load_venue(venue).name.lower().startswith(f"{head.lower()} ")]
    return tuple(sorted(found, reverse=True))


def _with_rules() -> tuple[str, ...]:
    """Venues that pay funding; a spot market of the same name is not what an example speaks of."""
    return tuple(venue for venue in venue_ids() if load_venue(venue).rules)


@cache
def _names() -> dict[str, str]:
    return {_plain(name): venue for venue in _with_rules() for name in (venue, load_venue(venue).name, *load_venue(venue).aliases)}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name)).lower()
