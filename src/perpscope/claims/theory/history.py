"""Do published numbers follow from the rows of the store?

A check of the class "data" names its data in words. What the store holds is recomputed and compared, number by number; what it lacks is
named. A check fails where one number differs. It passes where all agree that could be recomputed, if that was some coin of every kind of
number it states; the reason says which coins were left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from perpscope.claims.theory.checks import Check
from perpscope.claims.theory.deviations import deviation_story
from perpscope.claims.theory.expressions import Unreadable
from perpscope.claims.theory.inputs import Inputs
from perpscope.claims.theory.measures import Asked, Unread, Wanting, measure_of
from perpscope.claims.theory.meets import leaves, meets, number_of, plainly
from perpscope.claims.theory.outcome import Verdict
from perpscope.claims.theory.stories import Found, story_of
from perpscope.claims.theory.subject import Seen, data_of, span_of, symbol_of, unclear, venue_of
from perpscope.claims.theory.written import read_formula
from perpscope.errors import PerpscopeError
from perpscope.market.table import FUNDING

if TYPE_CHECKING:
    import polars as pl

    from perpscope.claims.case import Shelf

ABSENT = "data absent: "
HOW = "Import files of it with `data import`."
NEAR = 1e-9
WITHOUT, UNREAD = "data absent", "unread"


def judge_history(check: Check, shelf: Shelf) -> Verdict:
    """Try a check on data.

    **Source**: the class "data" of `theory_checks.json`.
    """
    seen = Seen(shelf)
    found = _rule(check, seen)
    if found is None:
        story = story_of(check, seen)
        if story is None and (open_ := unclear(check, (path for path, _ in leaves(check.expected)))):
            return Verdict(check, "unsupported", reason=f"not read: {open_}")
        story = story or deviation_story(check, seen)
        parts = [_part(check, *number) for number in _numbers(check, seen, story.numbers if story else {})]
        found = _joined(check, parts, story.said() if story else "")
    return replace(found, data=seen.proofs())


def _joined(check: Check, parts: list[dict[str, Any]], said: str) -> Verdict:
    """One verdict of many numbers; `said` tells how a text that leaves something open was read."""
    if not parts:
        return Verdict(check, "unsupported", reason=_nothing(check))
    tried = [part for part in parts if part["status"] not in {WITHOUT, UNREAD}]
    unread = dict.fromkeys(str(part["reason"]).rstrip(".") for part in parts if part["status"] == UNREAD)
    lacking = dict.fromkeys(text for part in parts if part["status"] == WITHOUT for text in part["reason"].split("; "))
    missed = [f"{part['name']} is {part['got']:.6g}, not {part['expected']}" for part in tried if part["status"] == "fail"]
    whole = {_kind(part["name"]) for part in tried} == {_kind(part["name"]) for part in parts}
    named = ", ".join(part["name"] or "the number" for part in tried)
    told = [f"recomputed: {named}" if whole or missed else f"recomputed in part: {named} agree"] if tried else []
    told += [f"of the readings that the text leaves open, this meets most ({said})"] if said and tried else []
    told += [f"differs: {'; '.join(missed)}"] if missed else []
    told += [f"not read: {'; '.join(unread)}"] if unread else []
    told += [f"{ABSENT}{'; '.join(lacking)}. {HOW}"] if lacking else []
    got = {part["name"]: part["got"] for part in tried} or None
    got = got[""] if got is not None and [*got] == [""] else got
    return Verdict(check, "fail" if missed else "pass" if tried and whole else "unsupported", got, "; ".join(told), parts)


def _kind(name: str) -> str:
    """Return the kind of a number: its name without the coin."""
    return ".".join(part for part in name.split(".") if not _is_coin(part))


def _is_coin(part: str) -> bool:
    return part.isupper() and part.isalnum()


def _part(check: Check, name: str, expected: Any, find: Callable[[], float]) -> dict[str, Any]:  # noqa: ANN401 - as written
    one = {"name": name, "expected": plainly(expected)}
    try:
        found = find()
    except Wanting as problem:
        return {**one, "status": WITHOUT, "got": None, "reason": str(problem)}
    except (Unread, PerpscopeError) as problem:
        return {**one, "status": UNREAD, "got": None, "reason": str(problem)}
    alone = replace(check, expected=expected)
    return {**one, "status": "pass" if meets(found, alone) else "fail", "got": found, "reason": ""}


def _numbers(check: Check, shelf: Seen, story: Found) -> Iterator[tuple[str, Any, Callable[[], float]]]:
    """Numbers of a check, each with the way to find it."""
    data, words = data_of(check), check.words
    for path, expected in leaves(check.expected):
        name = ".".join(path)
        if name in story:
            yield name, expected, story[name]
            continue
        coin = next(filter(_is_coin, path), _coin(data))
        venue, span = venue_of(data), span_of(data, coin or "")
        measure = measure_of(f"{check.name} {' '.join(p for p in path if p != coin)}") or measure_of(words)
        if venue is None or span is None or coin is None or measure is None or number_of(expected) is None:
            continue
        yield name, expected, partial(measure, Asked(shelf, venue, coin, span, words))


def _coin(data: str) -> str | None:
    """Return the only coin that the words name."""
    found = dict.fromkeys(re.findall(r"\b(BTC|ETH|SOL|XRP|BNB|DOGE|ADA)(?:USDT?)?\b", re.sub(r"\bXBT", "BTC", data)))
    return next(iter(found)) if len(found) == 1 else None


def _nothing(check: Check) -> str:
    return f"no reading of ours recomputes this; the check names: {data_of(check)}"


def _rule(check: Check, shelf: Seen) -> Verdict | None:
    """Try a formula of the rate against every row that has its premium; None where the check is no such thing."""
    expected = check.expected
    if not isinstance(expected, Mapping) or not set(expected) <= {"max_abs_err", "share_within_1e9"}:
        return None
    data = data_of(check)
    venue, coin = venue_of(data), _coin(data)
    if venue is None or coin is None:
        return Verdict(check, "unsupported", reason=f"no venue and coin are named in: {data}")
    symbol = symbol_of(shelf, venue, coin)
    rows = shelf.part(FUNDING, span_of(data), kind="settled", symbol=symbol, venue=venue)
    rows = rows.filter(rows["premium_frac"].is_not_null()).sort("ts")
    if rows.is_empty():
        return Verdict(check, "unsupported", reason=f"{ABSENT}funding of {venue} {symbol} with its premium. {HOW}")
    return _on_rows(check, rows, f"{venue} {symbol}")


def _on_rows(check: Check, rows: pl.DataFrame, whose: str) -> Verdict:
    """Work out a formula for every premium and compare with the rate published beside it."""
    text = read_formula(check.formula, Inputs({"P": rows["premium_frac"].to_numpy()}))
    if len(text.equations) != 1:
        return Verdict(check, "unsupported", reason="; ".join(text.unread) or "the formula is not one formula of the premium P")
    try:
        errors = abs(text.equations[0].values[0] - rows["funding_rate"].to_numpy())
    except (TypeError, ValueError, Unreadable):
        return Verdict(check, "unsupported", reason="the formula gives no rate for each premium")
    found = {"max_abs_err": float(errors.max()), "share_within_1e9": float((errors <= NEAR).mean())}
    met = all(_meets(name, found[name], check) for name in check.expected)
    reason = f"the formula as written, on {rows.height:,} rows of {whose} with their premium"
    return Verdict(check, "pass" if met else "fail", {name: found[name] for name in check.expected}, reason)


def _meets(name: str, found: float, check: Check) -> bool:
    expected = check.expected[name]
    return _as_printed(found, expected) if name == "max_abs_err" else meets(found, replace(check, expected=expected))


def _as_printed(found: float, expected: Any) -> bool:  # noqa: ANN401 - as written
    """Whether a largest error is the printed one: rates published with ten decimals leave half a unit, which is printed with one digit."""
    number = number_of(expected)
    if number is None:
        return False
    return found == number if number == 0 else f"{found:.0e}" == f"{number:.0e}" and abs(found - number) <= abs(number) / 100
