"""Which rules is an example about?

A venue and a moment give the rules in force: one, or all readings where documents conflict. Without a moment every era is a
candidate, the latest first; words of the line and of the rule's text that fit an era put it in front.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from perpscope.catalogue.check.dates import moment_in, turn_in
from perpscope.catalogue.check.facts import Facts, Lacking
from perpscope.catalogue.check.mentions import Mention
from perpscope.catalogue.check.names import tokens_of
from perpscope.catalogue.check.words import COINS, DOLLARS, SATOSHI, SMALL_TALK
from perpscope.catalogue.contracts import spelled
from perpscope.catalogue.dated import PARTS, DatedRule
from perpscope.catalogue.load import load_venue
from perpscope.catalogue.schema import Venue
from perpscope.catalogue.sourced import Sourced
from perpscope.errors import PerpscopeError
from perpscope.market.instrument import MARKETS, Instrument
from perpscope.market.time import FOREVER, to_text
from perpscope.mechanisms.observe import GIVEN

_NEUTRAL = {part: {"kind": Sourced(GIVEN, "definition")} if part == "observe" else {} for part in PARTS}
NOTHING_SAID = DatedRule("identity", "", 0, FOREVER, "", (), "stated", "", "The formula with neutral numbers.", _NEUTRAL)
"""The rule of an example that names no venue: every number is the example's."""
_FIRST_MS, _FIRST_S = 100_000_000_000, 100_000_000
_CLAIMS: Mapping[str, tuple[str, str, str]] = {
    r"linear[- ]weight|weights? 1": ("reduce", "kind", "linear"),
    r"simple (?:mean|average)|equal weights": ("reduce", "kind", "mean"),
    r"max\(\s*i\s*,\s*p\s*\)|larger of": ("formula", "combine", "larger"),
    r"/\s*\(8\s*/\s*n\)|\bn\s*/\s*8\b|one eighth": ("formula", "period", "8"),
    r"not scaled|unscaled|24\s*/\s*n": ("formula", "period", ""),
    r"(?<!\()/\s*8\b(?!\s*\))": ("formula", "period", "8"),
    r"/\s*24\b": ("formula", "period", "24"),
    r"(?:\bma|\bp|premium)\s*\+\s*(?:i\b|interest)": ("formula", "add", "*"),
    r"each minute'?s? rate|mean of (?:the )?(?:minutely )?rates": ("each", "kind", "whole"),
}
"""What a rule's text claims about its structure: pattern -> (part, name, value; "" for absent, "*" for any)."""
DOLLAR_CODES = frozenset(code.upper() for code in DOLLARS)
_OLD = frozenset({"old", "older", "early", "earlier", "former", "first", "previous", "launch"})


@dataclass(frozen=True, slots=True)
class Case:
    """Rules an example may be about: all readings of one venue, at one moment, for one kind of contract.

    Parameters
    ----------
    venue : None where no venue is meant. readings : rules in force. moment : ms UTC. native_id : contract named, or "".
    """

    venue: Venue | None
    readings: tuple[DatedRule, ...]
    moment: int
    native_id: str = ""

    def at(self, moment: int) -> Case:
        """Return the same kind of contract at another moment."""
        first = self.readings[0]
        return _one(self.venue, [r for r in _in_force(self.venue, moment) if _kind(r) == _kind(first)], moment, self.native_id)

    def on_list(self, *, main: bool) -> Case:
        """Return the rules of the main list, or of the others, at the same moment."""
        found = [r for r in _in_force(self.venue, self.moment) if (r.market_list == "") == main]
        return _one(self.venue, found, self.moment, self.native_id)


def cases(mention: Mention, facts: Facts, text: str) -> list[Case]:
    """Return the candidates, likeliest first; empty where nothing is on record."""
    if mention.anonymous:
        return [Case(None, (NOTHING_SAID,), 0)]
    found: list[Case] = []
    named = sorted(map(load_venue, mention.venues), key=lambda venue: not mention.market or mention.market not in venue.about.lower())
    for venue in named:
        label = _label(venue, facts, mention.paid)
        asked = replace(mention, market=mention.market or (label.market if label else ""))
        found += [case for case in _of_venue(venue, asked, facts, label) if case not in found]
    ranked = sorted(enumerate(found), key=lambda pair: (-_fit(pair[1], mention, text), pair[0]))
    return [case for _, case in ranked]


def varied(case: Case, variants: frozenset[str], facts: Facts) -> Case | None:
    """Return the case that a variant of an expected value speaks of; None where it is not about this case.

    Raises
    ------
    Lacking
        When a variant needs what is not there: a date of change, another list.
    """
    for average, kind in (("linear", "linear"), ("simple", "mean"), ("equal", "mean")):
        told = [r.parts["reduce"].get("kind") for r in case.readings]
        if average in variants and not all(value is not None and value.text == kind for value in told):
            return None
    if variants & {"before", "old"}:
        case = case.at(_turn(case, facts) - 1)
    elif variants & {"after", "new"}:
        case = case.at(_turn(case, facts))
    if variants & {"main", "builder"}:
        case = case.on_list(main="main" in variants)
    return case


def _of_venue(venue: Venue, mention: Mention, facts: Facts, label: Instrument | None) -> Iterator[Case]:
    native = label.identity.native_id if label else ""
    listed = facts.text("market_list") or (label.market_list if label else "")
    for moment in _moments(venue, mention, facts):
        rules = [r for r in _in_force(venue, moment) if not mention.market or not r.markets or mention.market in r.markets]
        if facts.has("label") or facts.has("market_list"):
            rules = [r for r in rules if r.governs(listed, mention.market)]
        scopes = dict.fromkeys(_scope(r) for r in sorted(rules, key=lambda r: (r.market_list, -r.since)))
        yield from (_one(venue, [r for r in rules if _scope(r) == scope], moment, native) for scope in scopes)


def _moments(venue: Venue, mention: Mention, facts: Facts) -> list[int]:
    """Moment named by the inputs or the line; without one the last moment of every era, the latest first."""
    stated = _moment(facts)
    named = mention.moment if stated is None else stated
    if named is not None:
        return [min(named, venue.closed - 1)]
    horizon = _horizon(venue)
    ends = ((min(rule.until, rule.until if rule.surely_until is None else rule.surely_until), rule.since) for rule in venue.rules)
    return sorted({max(min(end - 1, horizon), since) for end, since in ends}, reverse=True)


def _moment(facts: Facts) -> int | None:
    if not facts.has("moment"):
        return None
    value = facts.take("moment")
    if not isinstance(value, str):
        stamp = facts.peek("moment")
        if not _FIRST_S < stamp < FOREVER:
            raise Lacking(f"{facts.meaning('moment').name} is no time")
        return int(stamp if stamp > _FIRST_MS else stamp * 1000)
    return moment_in(value)[0]


def _horizon(venue: Venue) -> int:
    """Last date the catalogue speaks of: what is in force there is what is in force today, as far as is known."""
    dates = [d for rule in venue.rules for d in (rule.since, rule.until - 1)]
    dates += [d for entry in venue.contracts for d in (entry.since, entry.until - 1)]
    dates += [r.surely_since for r in venue.rules if r.surely_since is not None]
    return min(max((d for d in dates if d < FOREVER - 1), default=0), venue.closed - 1)


def _turn(case: Case, facts: Facts) -> int:
    if not facts.has("turn"):
        if case.venue is None or len(case.venue.rules) == 1:
            raise Lacking("no date of change is given")
        return max(r.since for r in case.readings)
    found = turn_in(str(facts.take("turn")))
    if found is None:
        raise Lacking(f"{facts.meaning('turn').name} is no date")
    return found


def _in_force(venue: Venue | None, moment: int) -> list[DatedRule]:
    return [r for r in venue.rules if r.since <= moment < r.until] if venue else [NOTHING_SAID]


def _kind(rule: DatedRule) -> tuple[str, tuple[str, ...]]:
    return rule.market_list, rule.markets


def _scope(rule: DatedRule) -> tuple[object, ...]:
    """Keep readings of one dispute together; of two rules that may both have been in force each stands alone."""
    return (*_kind(rule), rule.since, rule.until) if rule.status == "disputed" else (*_kind(rule), rule.id)


def _one(venue: Venue | None, readings: list[DatedRule], moment: int, native_id: str) -> Case:
    if not readings:
        raise Lacking(f"no such rule on record at {to_text(moment)}")
    return Case(venue, tuple(readings), moment, native_id)


def _label(venue: Venue, facts: Facts, paid: str) -> Instrument | None:
    name = facts.text("label")
    if not name or name in MARKETS:
        return _of_coin(venue, facts, paid)
    try:
        return venue.instrument(name)
    except PerpscopeError:
        return None


def _of_coin(venue: Venue, facts: Facts, paid: str) -> Instrument | None:
    """Contract of the only coin that the inputs' names speak of, paid in what is asked for, where the venue has numbers for it."""
    names = [*(fact.meaning.name for fact in facts.by_concept.values()), *facts.strange]
    coins = {token.upper() for name in names for token in tokens_of(name) if token in COINS}
    if len(coins) != 1:
        return None
    base = coins.pop()
    found = (read for quote in ("USD", "USDT", "USDC") for name in spelled(venue, base, quote) if (read := venue.instrument(name)))
    own = {re.compile(entry.pattern) for entry in venue.contracts if entry.pattern != ".+"}
    fitting = (read for read in found if not paid or (read.settle in DOLLAR_CODES) == (paid == "money"))
    return next((read for read in fitting if any(p.fullmatch(read.identity.native_id) for p in own)), None)


def market_said(facts: Facts, rule: str) -> str:
    """Kind of contract that the label or the rule's text names; "" where none or several."""
    said = facts.text("label").lower()
    if said in MARKETS:
        return said
    told = [kind for kind in ("inverse", "quanto") if re.search(rf"\b{kind}\b", rule, re.IGNORECASE)]
    return told[0] if len(told) == 1 and not re.search(r"\blinear\b", rule, re.IGNORECASE) else ""


def paid_in(names: Iterable[str]) -> str:
    """Tell what the names of expected amounts say is paid: "coin", "money"; "" where they say neither or both."""
    tokens = {token for name in names for token in tokens_of(name)}
    coin, money = bool(tokens & (COINS | SATOSHI)), bool(tokens & DOLLARS)
    return "" if coin == money else "coin" if coin else "money"


def telling(mention: Mention) -> tuple[str, ...]:
    """Words beside a venue's name that may pick one of its rules; short ones fit anything."""
    return tuple(word for word in mention.rest if len(word) > 2 and word.lower() not in SMALL_TALK)  # noqa: PLR2004 - as said


def unread(mention: Mention) -> tuple[str, ...]:
    """Words beside a venue's name that no rule of it knows."""
    known = "".join(_plain(f"{r.id} {r.about} {r.reading}") for venue in mention.venues for r in load_venue(venue).rules)
    return tuple(word for word in telling(mention) if word.lower() not in _OLD and _plain(word) not in known)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _fit(case: Case, mention: Mention, text: str) -> float:
    """How well the rules of a case fit the words of the line and the claims of the rule's text."""
    first = case.readings[0]
    told = _plain(f"{first.id} {first.about} {first.reading}")
    words = sum(_plain(word) in told for word in telling(mention))
    claims = [claim for pattern, claim in _CLAIMS.items() if re.search(pattern, text.lower())]
    told_by = [sum(_claim(rule, *claim) for claim in claims) for rule in case.readings]
    latest = case.venue is not None and first.until == max(rule.until for rule in case.venue.rules)
    former = bool(_OLD & {word.lower() for word in mention.rest}) and latest
    return 2 * words + sum(told_by) / len(told_by) - 10 * former


def _claim(rule: DatedRule, part: str, name: str, value: str) -> int:
    said = rule.parts[part].get(name)
    there = said.text if said is not None and said.known else ""
    return 1 if there == value or (value == "*" and name in rule.parts[part]) else -1
