"""Which rules are on record, and what do they say, as rows for eyes and programs?"""

from __future__ import annotations

from dataclasses import dataclass

from perpscope.catalogue.dated import PARTS, DatedRule
from perpscope.catalogue.load import load_venue, resolve_venue, venue_ids
from perpscope.catalogue.schema import Venue
from perpscope.market.time import FOREVER, day_ms, to_text


@dataclass(frozen=True, slots=True)
class Shown:
    """Rules of a venue at a moment (ms UTC): those in force, or the last ones where it has none any more."""

    venue: Venue
    moment: int
    rules: tuple[DatedRule, ...]

    @property
    def over(self) -> bool:
        """Whether the rules had ended by then."""
        return all(rule.until <= self.moment for rule in self.rules)

    def rows(self) -> list[dict[str, object]]:
        """One row per number of every rule."""
        return [
            {
                "venue": self.venue.id,
                "rule": rule.id,
                "reading": rule.reading,
                "part": part,
                "name": name,
                "value": value.text if value.known else None,
                "source": value.source or None,
                "unknown": value.reason or None,
            }
            for rule in self.rules
            for part in PARTS
            for name, value in rule.parts[part].items()
        ]


def moment_of(text: str, now: int) -> int:
    """Milliseconds of a date or an ISO time with its zone; `now` where the text is empty."""
    return day_ms(text) if text else now


def shown_rules(name: str, moment: int, market_list: str = "") -> Shown:
    """Return the rules of a venue (id, name or alias) in force at `moment`; the last ones where none is any more.

    Without a market list, rules of every list are shown.
    """
    venue = load_venue(resolve_venue(name))
    mine = [rule for rule in venue.rules if not market_list or rule.governs(market_list, "")]
    found = [rule for rule in mine if rule.since <= moment < rule.until]
    if not found:
        last = max((rule.until for rule in mine if rule.until <= moment), default=None)
        found = [rule for rule in mine if rule.until == last] if last is not None else mine
    return Shown(venue, moment, tuple(found))


def rule_rows(name: str = "") -> list[dict[str, object]]:
    """List every dated rule, or those of one venue: {venue, rule, from, to, family, status, reading, source}."""
    venues = [resolve_venue(name)] if name else venue_ids()
    return [_row(load_venue(venue), rule) for venue in venues for rule in load_venue(venue).rules]


def _row(venue: Venue, rule: DatedRule) -> dict[str, object]:
    written = [value for part in PARTS for value in rule.parts[part].values() if value.known]
    cited = dict.fromkeys(value.source for value in rule.parts["formula"].values() or written if value.known)
    return {
        "venue": venue.id,
        "rule": rule.id,
        "from": to_text(rule.since) if rule.since > 0 else None,
        "to": to_text(rule.until) if rule.until < FOREVER else None,
        "family": family(rule),
        "status": rule.status,
        "reading": rule.reading or None,
        "market_list": rule.market_list,
        "markets": list(rule.markets),
        "source": "; ".join(venue.sources[key].url or venue.sources[key].title for key in cited),
    }


def family(rule: DatedRule) -> str:
    """Name the kind of rule by its parts."""
    said = {f"{part}.{name}": value.text for part in PARTS for name, value in rule.parts[part].items() if value.known}
    always = "continuous " if said.get("schedule.hours") == "0" else ""
    by_part = (
        (said.get("reduce.kind") == "auction", "auction"),
        (said.get("reduce.kind") == "velocity", "velocity of the skew"),
        (said.get("reduce.kind") == "adaptive", "adaptive to the imbalance"),
        (said.get("observe.kind") == "imbalance", "share of the imbalance"),
        (said.get("observe.kind") == "utilisation", "borrow fee by utilisation"),
        (said.get("settle.flow") == "delivery", "delivery"),
        (said.get("settle.unit") == "quote", "amount per base unit"),
        (said.get("observe.kind") == "outside", "set outside"),
        (said.get("observe.kind") == "none", "interest only"),
        (said.get("each.kind") == "band", "dead zone"),
        (said.get("each.kind") == "whole", "clamp of every sample"),
        (said.get("formula.combine") == "larger", "larger of premium and interest"),
        (said.get("formula.combine") == "clamped_premium", "interest plus clamped premium"),
        ("formula.damper" in said and said["formula.damper"] != "0", "clamp"),
        ("damper" in rule.parts["formula"] and "formula.damper" not in said, "clamp of unknown width"),
        ("add" in rule.parts["formula"], "mean plus interest"),
    )
    return always + next((words for holds, words in by_part if holds), "mean")
