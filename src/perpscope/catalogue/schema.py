"""What does the catalogue say about one venue?

A `Venue` holds its dated rules, its sources, how its native ids name assets, and numbers of single contracts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from perpscope.catalogue.dated import PARTS, DatedRule, Status, Unknown, market_list_matches, part_names
from perpscope.catalogue.sourced import Sourced
from perpscope.market.instrument import Identity, Instrument
from perpscope.market.number import Number
from perpscope.mechanisms.switching import Switching

__all__ = [
    "PARTS", "ContractNumbers", "DatedRule", "Pattern", "Source", "Status", "Unknown", "Venue", "market_list_matches", "part_names",
]  # fmt: skip

ANY_NAME = "-"
"""Stands for a contract that is not named: only patterns of all contracts fit it."""
_MULTIPLIERS = {"k": 1000.0, "1M": 1_000_000.0}


@dataclass(frozen=True, slots=True)
class Source:
    """One document or measurement a rule leans on.

    Parameters
    ----------
    key : short name used in the file. title, url : what and where. read : how it was seen
    (official page, second hand, api observation, measured, protocol source, derived). note : anything a reader should know.
    """

    key: str
    title: str
    url: str = ""
    read: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """How native ids of one kind name their assets.

    Parameters
    ----------
    pattern : regular expression of the whole id, with groups base, quote, settle, list, multiplier as far as the id says them.
    base, quote, settle, market_list : what the id does not say; settle "=base" or "=quote" follows that asset, "" is spot.
    rename : (venue's name of an asset, ours) pairs, for the assets and not for the id.
    """

    pattern: str
    base: str = ""
    quote: str = ""
    settle: str = ""
    market_list: str = ""
    rename: tuple[tuple[str, str], ...] = ()

    def read(self, venue: str, native_id: str) -> Instrument | None:
        """Instrument that an id names; None where the pattern does not fit."""
        found = re.fullmatch(self.pattern, native_id)
        if not found:
            return None
        said = {k: v for k, v in found.groupdict().items() if v}
        names = dict(self.rename)
        base, quote, settle = (said.get(k) or getattr(self, k) for k in ("base", "quote", "settle"))
        settle = {"=base": base, "=quote": quote}.get(settle, settle)
        base, quote, settle = (names.get(asset, asset) for asset in (base, quote, settle))
        times = said.get("multiplier")
        multiplier = _MULTIPLIERS.get(times) or float(times) if times else None
        return Instrument(Identity(venue, native_id), base, quote, settle, said.get("list", self.market_list), multiplier)


@dataclass(frozen=True, slots=True)
class ContractNumbers:
    """Dated numbers of single contracts: native ids matching `pattern` in since <= t < until (ms UTC).

    A plain name ("maintenance_margin") is a number the rules ask for; a name with a dot ("formula.interest") replaces a
    number of the rule itself; words are worked out from the numbers before them. `margin_from`: only contracts whose
    initial margin (a fraction) is known to be at least this; None for all.
    """

    pattern: str
    since: int
    until: int
    numbers: Mapping[str, Sourced]
    margin_from: Fraction | None = None

    def governs(self, native_id: str, ms: int, known: Mapping[str, Number]) -> bool:
        """Whether the entry is about this contract at `ms`, as far as its margin, where the entry asks for one, is known."""
        if not (self.since <= ms < self.until and re.fullmatch(self.pattern, native_id or ANY_NAME)):
            return False
        return self.margin_from is None or known.get("initial_margin", -1) >= self.margin_from


@dataclass(frozen=True, slots=True)
class Venue:
    """Everything the catalogue says about one venue."""

    id: str
    name: str
    aliases: tuple[str, ...]
    about: str
    sources: Mapping[str, Source]
    patterns: tuple[Pattern, ...]
    contracts: tuple[ContractNumbers, ...]
    rules: tuple[DatedRule, ...]
    opened: int
    closed: int
    unknown: tuple[str, ...]

    def at(self, ms: int, market_list: str = "", market: str = "") -> tuple[DatedRule, ...]:
        """Rules in force for a window that ends at `ms`: one; several where readings or dates are disputed; or none.

        Two neighbours are both given where it is not established when one followed the other: ask `DatedRule.sure`.
        """
        return tuple(rule for rule in self.rules if rule.since <= ms < rule.until and rule.governs(market_list, market))

    def contract(self, native_id: str, ms: int, given: Mapping[str, Number] | None = None) -> dict[str, Number]:
        """Return the known numbers of a contract at `ms`; later entries win, an unknown one takes the number away.

        Parameters
        ----------
        native_id, ms : which contract and when.
        given : numbers the caller knows; they win over the catalogue's, and words are worked out from them too.
        """
        told = dict(given or {})
        found: dict[str, Number] = {}
        for entry in self.contracts:
            if not native_id or not entry.governs(native_id, ms, found | told):
                continue
            for name, value in entry.numbers.items():
                at_hand = found | told
                if value.known and all(n in at_hand for n in value.names):
                    found[name] = value.number(at_hand)
                else:
                    found.pop(name, None)
        return found | told

    @property
    def beside_rules(self) -> frozenset[str]:
        """Numbers of a contract that its caps may hang on although no rule names them."""
        return frozenset({"initial_margin"} if any(entry.margin_from is not None for entry in self.contracts) else ())

    def by_margin(self, native_id: str, ms: int, known: Mapping[str, Number]) -> dict[str, Number]:
        """Return the numbers that a contract of this margin has; "" stands for one that is not named."""
        entries = (e for e in self.contracts if e.margin_from is not None and e.governs(native_id, ms, known))
        return {name: value.number(known) for e in entries for name, value in e.numbers.items() if value.known}

    def switching(self, native_id: str, ms: int, hours: Number) -> Switching | None:
        """Return how the interval of a contract that pays every `hours` changes by itself; None where that is not on record.

        A contract without a name has what holds for all names: exceptions of single contracts are theirs.
        """
        found = self.contract(native_id or ANY_NAME, ms, {"interval_hours": hours})
        if "hours_at_limit" not in found:
            return None
        calm_rate, payments, after = (found.get(name, 0) for name in ("calm_rate", "calm_payments", "hours_after_calm"))
        return Switching(found["hours_at_limit"], calm_rate, int(payments), after)

    def source_of(self, name: str, native_id: str, ms: int) -> str:
        """Key of the source of a contract's number at `ms`; "" where it has none."""
        own = [entry.numbers[name].source for entry in self.contracts if name in entry.numbers and entry.governs(native_id, ms, {})]
        return own[-1] if own else ""

    def instrument(self, native_id: str) -> Instrument | None:
        """Read the assets off a native id; None where no pattern knows it."""
        return next((read for pattern in self.patterns if (read := pattern.read(self.id, native_id))), None)
