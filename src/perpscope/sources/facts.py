"""What can a mapping state about a file, and which values does each fact take?

Columns do not carry everything. A fact has a name, a meaning, and a check; an unknown name or value is an error that
lists what is known. The documentation's table of facts is this table.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from zoneinfo import available_timezones

from perpscope.errors import InputError
from perpscope.market.instrument import MARKETS
from perpscope.market.table import TABLES
from perpscope.market.time import to_ms
from perpscope.sources.units import read_bar, read_close, read_rate_unit, read_stamp

Facts: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """One fact: what it means, which values it takes, and the check of a value (raises `InputError` or `ValueError`)."""

    name: str
    meaning: str
    values: str
    check: Callable[[Any], object]


def _among(*values: str) -> Callable[[Any], object]:
    def check(value: Any) -> None:  # noqa: ANN401 - a TOML value
        if value not in values:
            raise ValueError

    return check


def _text(value: Any) -> None:  # noqa: ANN401 - a TOML value
    if not (isinstance(value, str) and value.strip()):
        raise ValueError


def _flag(value: Any) -> None:  # noqa: ANN401 - a TOML value
    if not isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - reported in our own words by `check_facts`


def _whole(value: Any) -> None:  # noqa: ANN401 - a TOML value
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - reported in our own words by `check_facts`


def _positive(value: Any) -> None:  # noqa: ANN401 - a TOML value
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < math.inf:
        raise ValueError


def _list(value: Any) -> None:  # noqa: ANN401 - a TOML value
    if not re.fullmatch(r"[\w-]*", value):
        raise ValueError


def _interval(value: Any) -> None:  # noqa: ANN401 - a TOML value
    if value != "stamps" and not (isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 168):  # noqa: PLR2004 - a week, the bound of the table
        raise ValueError


def _zone(value: Any) -> None:  # noqa: ANN401 - a TOML value
    if not re.fullmatch(r"[+-]\d\d:\d\d", value) and value not in available_timezones():
        raise ValueError


def _columns(value: Any) -> None:  # noqa: ANN401 - a TOML value
    pairs = read_columns(value)
    if not pairs:
        raise ValueError


OWN_IDS, FOREIGN_IDS, UNIFIED = "the venue's own ids", "not the venue's own ids", "unified"

KNOWN: dict[str, Known] = {
    known.name: known
    for known in (
        Known("table", "which table the rows belong to", ", ".join(TABLES), _among(*TABLES)),
        Known("venue", "venue id (ccxt's where it has one); needed where the columns name a group of venues", "an id or alias", _text),
        Known("new_venue", "the venue is one this program does not know", "true", _flag),
        Known("market", "payoff kind of the contracts", ", ".join(MARKETS), _among(*MARKETS)),
        Known("market_list", "sub-market of the venue", "a short name; empty for the main one", _list),
        Known("symbol", "the contract, where no column names it", "the venue's own id", _text),
        Known("symbols", "what the column `symbol` holds", f"{OWN_IDS}; {FOREIGN_IDS}; {UNIFIED}", _among(OWN_IDS, FOREIGN_IDS, UNIFIED)),
        Known("listed", "when the contract began to trade", "an ISO time with its zone", to_ms),
        Known("ended", "when the contract ended; later rows are rejected", "an ISO time with its zone", to_ms),
        Known("quote", "asset prices are in, where ids do not tell it", "an asset code", _text),
        Known("settle", "asset funding is paid in, where ids do not tell it", "an asset code", _text),
        Known("rate_unit", "unit of the rates", "fraction, percent, bp or ppm; with a period: day, percent/8h, bp/h", read_rate_unit),
        Known("rate_kind", "which rate it is", "settled, next or predicted", _among("settled", "next", "predicted")),
        Known("rate_is", "what a rate of a continuously funded contract covers", "words", _text),
        Known("rate_side", "whose lending rate it is", "supply (paid to lenders) or borrow (charged)", _among("supply", "borrow")),
        Known("premium_is", "what the premium column averages", "words", _text),
        Known("accrual", "paid at the stamp, or all the time", "stamp or continuous", _among("stamp", "continuous")),
        Known("interval_hours", "hours each rate is for, or read them off the spacing of the stamps", "a number, or stamps", _interval),
        Known("bar", "length of a price bar", "1m, 1h, 8h, 1d ... or a number of hours", read_bar),
        Known(
            "stamp",
            "which end of the bar the time column holds",
            "open, close, open + 1m; or the words of the data's own README",
            read_stamp,
        ),
        Known(
            "close_at", "when the close of a dated row was observed", "24:00 UTC of date, 15:00 America/Chicago, unstated ...", read_close
        ),
        Known("price", "what was priced", "trade, mark, index or aggregate", _among("trade", "mark", "index", "aggregate")),
        Known("precision", "how many bits the source kept", "float64 or float32", _among("float64", "float32")),
        Known("price_scale", "what prices are to be multiplied with (0.01 for cents)", "a number above zero", _positive),
        Known("volume_unit", "unit of the column `volume`", "base, quote or contracts", _among("base", "quote", "contracts")),
        Known("timezone", "zone of times that name none", "a zone such as Europe/London, or an offset such as +03:00", _zone),
        Known("time_unit", "unit of whole-number times", "s, ms, us or ns", _among("s", "ms", "us", "ns")),
        Known("observed_at", "when a payload without a time was received", "an ISO time with its zone", to_ms),
        Known("columns", "names of columns in our words, or what each column of a wide file is", "a -> b, c -> d; or a table", _columns),
        Known("licence", "licence of the content", "words", _text),
        Known("source", "what to call the source", "words", _text),
        Known("synthetic", "the rows were generated and are of no market; every answer then says so", "yes", _among("yes")),
        Known("precedence", "the higher wins where sources differ; 0 unless stated", "a whole number", _whole),
    )
}
ABOUT_THE_SOURCE = frozenset({"licence", "source", "precedence"})
"""Facts that do not change what the rows mean."""


def check_facts(where: str, facts: Mapping[str, Any]) -> None:
    """Refuse unknown facts and unknown values, listing what is known.

    Parameters
    ----------
    where : words for the place, used in the message.
    """
    for name, value in facts.items():
        known = KNOWN.get(name)
        if known is None:
            raise InputError(f"the fact {name!r} in {where}", f"facts are {', '.join(sorted(KNOWN))}", "Use one of these names.")
        try:
            known.check(value)
        except (ValueError, TypeError, AttributeError, KeyError, InputError):
            raise InputError(f"{name} = {value!r} in {where}", f"{name} is {known.meaning}", f"Its values: {known.values}.") from None


def read_columns(value: str | Mapping[str, str]) -> dict[str, str]:
    """Read renames: ``a -> b, c -> d`` or a table of names; column of the file to what it is."""
    if isinstance(value, Mapping):
        pairs = [(str(old), str(new)) for old, new in value.items()]
    else:
        pairs = [(old, new) for old, arrow, new in (part.partition("->") for part in value.split(",")) if arrow]
        if len(pairs) != len(value.split(",")):
            raise ValueError(value)
    found = {old.strip(): new.strip() for old, new in pairs}
    if len(found) != len(pairs) or not all(found) or not all(found.values()):
        raise ValueError(value)
    return found


def as_text(facts: Mapping[str, Any]) -> dict[str, str]:
    """Write facts that change what rows mean as text, for the manifest."""
    return {name: str(value) for name, value in facts.items() if name not in ABOUT_THE_SOURCE}
