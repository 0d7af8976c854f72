"""How does a venue's rule look on a terminal?"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace

from perpscope.catalogue.dated import PARTS, DatedRule
from perpscope.catalogue.formula_text import LETTERS, in_symbols
from perpscope.catalogue.overview import Shown, family
from perpscope.catalogue.readings import agreed, grouped
from perpscope.catalogue.sourced import Sourced

WIDTH, MARGIN = 100, 12


def rule_page(shown: Shown) -> str:
    """Write the rules in force: parts with numbers and sources, unknowns, doubts; readings of a dispute side by side."""
    venue = shown.venue
    lines = [f"{venue.name} ({venue.id})", *_wrapped(venue.about, 0), ""]
    if shown.over:
        lines += ["No rule is in force any more; the last one was:", ""]
    for group in grouped(shown.rules):
        lines += [*(_one(group[0]) if len(group) == 1 else _disputed(group)), ""]
    if venue.unknown:
        lines += ["not known", *(line for text in venue.unknown for line in _item(text)), ""]
    lines += [*_wrapped(LETTERS, 0), ""] if shown.rules else []
    cited = dict.fromkeys(value.source for rule in shown.rules for part in PARTS for value in rule.parts[part].values() if value.known)
    lines += ["sources"]
    for key in cited:
        source = venue.sources[key]
        lines += _field(key, f"{source.title} ({source.read})" + (f" {source.url}" if source.url else ""))
    return "\n".join(line.rstrip() for line in lines)


def _one(rule: DatedRule) -> list[str]:
    lines = [_head(rule), *_wrapped(rule.about, 2), *(f"      {line}" for line in in_symbols(rule).split("\n"))]
    for part in PARTS:
        values = rule.parts[part]
        known = [f"{name} = {value.text} [{value.source}]" for name, value in values.items() if value.known]
        if known:
            lines += _field(part, "; ".join(known))
    return lines + _open_ends(rule)


def _head(rule: DatedRule) -> str:
    scope = ", ".join(text for text in (rule.lists, *rule.markets) if text)
    return f"{rule.id}: {family(rule)}, {rule.status}, {rule.period}" + (f" ({scope})" if scope else "")


def _open_ends(rule: DatedRule) -> list[str]:
    lines: list[str] = []
    for one in (f"{part}.{name}: {value.reason}" for part in PARTS for name, value in rule.parts[part].items() if not value.known):
        lines += _field("unknown", one)
    if rule.needs:
        lines += _field("contract", f"needs {', '.join(rule.needs)}")
    for doubt in rule.doubts:
        lines += _field("doubt", doubt)
    return lines


def _disputed(group: Sequence[DatedRule]) -> list[str]:
    """Write what the readings agree on, then what differs, a column for each."""
    shared = agreed(group)
    lines = _one(_without_open(shared, group))
    width = (WIDTH - 26) // len(group) - 1
    lines += ["  the readings differ:"]
    lines += _columns("", [f"{rule.reading}{' (preferred)' if rule.preferred else ''}" for rule in group], width)
    for part in PARTS:
        for name in dict.fromkeys(name for rule in group for name in rule.parts[part]):
            values = [rule.parts[part].get(name) for rule in group]
            if len({_told(value) for value in values}) > 1:
                lines += _columns(f"{part}.{name}", [_told(value) for value in values], width)
    return lines


def _without_open(shared: DatedRule, group: Sequence[DatedRule]) -> DatedRule:
    """Leave out of the shared rule what differs: it stands in the columns."""
    alike = {part: {name: v for name, v in shared.parts[part].items() if not v.reason.startswith("disputed")} for part in PARTS}
    return replace(shared, parts=alike, about="; ".join(dict.fromkeys(rule.about for rule in group)))


def _told(value: Sourced | None) -> str:
    if value is None:
        return "-"
    return f"{value.text} [{value.source}]" if value.known else f"unknown: {value.reason}"


def _columns(name: str, cells: Iterable[str], width: int) -> list[str]:
    wrapped = [textwrap.wrap(cell, width) or [""] for cell in cells]
    height = max(len(cell) for cell in wrapped)
    rows = [[cell[k] if k < len(cell) else "" for cell in wrapped] for k in range(height)]
    return [f"    {name if k == 0 else '':<22}" + " ".join(f"{cell:<{width}}" for cell in row) for k, row in enumerate(rows)]


def _field(name: str, text: str) -> list[str]:
    wrapped = textwrap.wrap(text, WIDTH - MARGIN, break_long_words=False, break_on_hyphens=False) or [""]
    label = f"  {name:<{MARGIN - 3}} "
    return [f"{label}{wrapped[0]}", *(" " * MARGIN + more for more in wrapped[1:])]


def _item(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  - ", subsequent_indent="    ")


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent)
