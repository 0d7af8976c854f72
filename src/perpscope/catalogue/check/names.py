"""What does a name such as `interest_per_day` or `avg_premium_bp` mean, and in which unit?

A name is read in tokens: units (bp, pct, ppm), periods (8h, hourly, per_day) and variants (linear, before) are taken off, and
what is left is looked up in a table of words. A name nobody knows has no meaning; it is never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from perpscope.catalogue.check.words import FILLERS, INPUTS, OUTPUTS, SAID_WHOLE, SATOSHI, VARIANTS

_UNITS = {
    "bp": Fraction(1, 10_000),
    "bps": Fraction(1, 10_000),
    "pct": Fraction(1, 100),
    "percent": Fraction(1, 100),
    "ppm": Fraction(1, 1_000_000),
    **dict.fromkeys(SATOSHI, Fraction(1, 100_000_000)),
}
_PERIODS = {
    **dict.fromkeys(("hour", "hourly", "h"), Fraction(1)),
    **dict.fromkeys(("day", "daily", "d"), Fraction(24)),
    **dict.fromkeys(("year", "yearly", "annual"), Fraction(8760)),
    **dict.fromkeys(("second", "sec", "s"), Fraction(1, 3600)),
    **dict.fromkeys(("minute", "min"), Fraction(1, 60)),
}
_COUNTS = {"one": 1, "two": 2, "four": 4, "eight": 8, "twelve": 12}
_SCALED = re.compile(r"1e(\d{1,2})")
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(?:h|hr|hrs|hour|hours)")
INTERVAL = "interval"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name says.

    Parameters
    ----------
    name : as written. concept : the word of the table it stands for.
    scale : one unit of the value as a fraction (bp: 1/10,000). per : hours the value is for; None where the name does
    not say, 0 for "per interval". hours : interval it speaks of, where it says two periods. variants : what else it picks.
    """

    name: str
    concept: str
    scale: Fraction = Fraction(1)
    per: Fraction | None = None
    hours: Fraction | None = None
    variants: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether the name says that the value is counted in whole units of 1e-n, as integers of a chain are."""
        return any(_SCALED.fullmatch(token) for token in tokens_of(self.name))


def input_meaning(name: str) -> Meaning | None:
    """Return what an input is; None where nobody knows the name."""
    return _read(name, INPUTS)


def output_meaning(name: str) -> Meaning | None:
    """Return what an expected value is; None where nobody knows the name."""
    return _read(name, OUTPUTS)


def tokens_of(name: str) -> list[str]:
    """Return the words of a name, in lower case."""
    plain = unicodedata.normalize("NFKC", name)
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain)
    return [token for token in re.split(r"[_\s\-.]+", split.lower()) if token]


def _read(name: str, table: Mapping[str, str]) -> Meaning | None:
    if table is OUTPUTS and (tokens_of(name)[-1:] == ["margin"] or re.fullmatch(r"margin_\d+", name.lower())):
        return Meaning(name, "margin_after")
    if name in SAID_WHOLE and SAID_WHOLE[name] in table.values():
        return Meaning(name, SAID_WHOLE[name])
    tokens, scale = _units(tokens_of(name))
    if concept := table.get("_".join(tokens)):
        return Meaning(name, concept, scale)
    tokens, per, hours = _periods(tokens)
    variants = frozenset(token for token in tokens if token in VARIANTS)
    attempts = (tokens, _without(tokens, FILLERS), _without(tokens, VARIANTS), _without(tokens, VARIANTS | FILLERS))
    for attempt in attempts:
        if concept := table.get("_".join(attempt)):
            kept = frozenset() if attempt is tokens else variants - set(attempt)
            return Meaning(name, concept, scale, per, hours, kept)
    concept = _implied(tokens, per) if table is OUTPUTS else ""
    return Meaning(name, concept, scale, per, hours) if concept else None


def _implied(tokens: list[str], per: Fraction | None) -> str:
    """Concept of an output in no table: a rate that only its period names (hourly_bp), or a payment with its holder's name."""
    if not tokens:
        return "rate" if per else ""
    paid = {OUTPUTS.get("_".join(tokens[:-1])), OUTPUTS.get("_".join(tokens[1:]))}
    return "payment" if "payment" in paid or tokens[1:] == ["funding"] else ""


def plain_name(name: str) -> tuple[str, Fraction]:
    """Take the units off a name: what is left of it, and one unit as a fraction."""
    left, scale = _units(tokens_of(name))
    return "_".join(left), scale


def without_period(name: str) -> str:
    """Take a period such as _per_s or _per_day off a name."""
    return "_".join(_periods(name.split("_"))[0])


def _units(tokens: list[str]) -> tuple[list[str], Fraction]:
    """Take the units off: the other tokens, and one unit as a fraction."""
    left: list[str] = []
    scale = Fraction(1)
    for token in tokens:
        scaled = _SCALED.fullmatch(token)
        if token in _UNITS or scaled:
            scale *= Fraction(1, 10 ** int(scaled[1])) if scaled else _UNITS[token]
        else:
            left.append(token)
    return left, scale


def _without(tokens: list[str], dropped: frozenset[str]) -> list[str]:
    return [token for token in tokens if token not in dropped]


def _periods(tokens: list[str]) -> tuple[list[str], Fraction | None, Fraction | None]:
    """Take the periods off: "per X" and a bare length; where both stand, the length is the interval spoken of."""
    rest: list[str] = []
    stated: list[Fraction] = []
    lengths: list[Fraction] = []
    skip = False
    for k, token in enumerate(tokens):
        following = tokens[k + 1] if k + 1 < len(tokens) else ""
        if skip:
            skip = False
        elif token == "per" and (found := _period(following)) is not None:  # noqa: S105 - a word, not a secret
            stated.append(found)
            skip = True
        elif token in {"hourly", "daily", "annual", "yearly"}:
            stated.append(_PERIODS[token])
        elif token in _COUNTS and following in {"hour", "hours"}:
            stated.append(Fraction(_COUNTS[token]))
            skip = True
        elif token in {"day", "hour"} and following == "total":
            stated.append(_PERIODS[token])
        elif length := _LENGTH.fullmatch(token):
            lengths.append(Fraction(length[1]))
        else:
            rest.append(token)
    both = [*stated, *lengths]
    return rest, both[0] if both else None, both[1] if len(both) > 1 else None


def _period(token: str) -> Fraction | None:
    if token in {INTERVAL, "settlement", "period", "funding"}:
        return Fraction(0)
    if length := _LENGTH.fullmatch(token):
        return Fraction(length[1])
    return _PERIODS.get(token)
