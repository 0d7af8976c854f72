"""What is a venue's passport, and what changed from one rule to the next?

A page of Markdown made from the venue's file: its rules with their dates, the formula in words and symbols, every number
with its source, what changed when, what is unknown, and the readings of disputed documents side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from perpscope.catalogue.dated import PARTS, DatedRule
from perpscope.catalogue.formula_text import LETTERS, in_symbols, in_words
from perpscope.catalogue.readings import agreed, grouped
from perpscope.catalogue.schema import ContractNumbers, Source, Venue
from perpscope.catalogue.sourced import Sourced
from perpscope.market.time import FOREVER, to_text

_STATUS = {
    "verified": "its published data can be recomputed",
    "stated": "documents say so",
    "inferred": "measured or concluded, no document says so",
    "disputed": "documents conflict",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that two rules do not share.

    Parameters
    ----------
    part, name : where it stands. before, after : as written; "unknown: reason" where it is not known, empty where it is no part.
    source_before, source_after : keys of the sources, each in its own venue's file.
    """

    part: str
    name: str
    before: str
    after: str
    source_before: str = ""
    source_after: str = ""


def diff(rule_a: DatedRule, rule_b: DatedRule) -> list[Difference]:
    """List what differs between two rules, of one venue at two dates or of two venues."""
    found: list[Difference] = []
    for part in PARTS:
        one, other = rule_a.parts[part], rule_b.parts[part]
        for name in dict.fromkeys((*one, *other)):
            before, after = one.get(name), other.get(name)
            if _told(before) != _told(after):
                found.append(Difference(part, name, _told(before), _told(after), _source_of(before), _source_of(after)))
    return found


def _told(value: Sourced | None) -> str:
    return "" if value is None else value.text if value.known else f"unknown: {value.reason}"


def _source_of(value: Sourced | None) -> str:
    return "" if value is None else value.source


def passport(venue: Venue) -> str:
    """Write the page of one venue, in MyST Markdown."""
    groups = grouped(venue.rules)
    parts = [f"# {venue.name}", venue.about, _names(venue)]
    if venue.rules:
        rows = ((f"`{rule.id}`", rule.period, rule.status, plain(rule.about)) for rule in venue.rules)
        parts += ["## Rules", grid(("rule", "in force", "status", "what it says"), rows), LETTERS]
    for k, group in enumerate(groups):
        parts += _rule_section(group) if len(group) == 1 else _disputed_section(group)
        parts += _changes(_before(groups[:k], group), agreed(group) if len(group) > 1 else group[0])
    if venue.contracts:
        head = ("contracts", "in force", "what", "value", "source")
        parts += ["## Numbers of single contracts", grid(head, _contracts(venue.contracts))]
    parts += ["## Names of its contracts", _symbols(venue)]
    if venue.unknown:
        parts += ["## What is unknown", "\n".join(f"- {plain(line)}" for line in venue.unknown)]
    if venue.sources:
        parts += ["## Sources", "\n".join(f"`{key}`\n: {_source(source)}\n" for key, source in venue.sources.items())]
    return "\n\n".join(part for part in parts if part) + "\n"


def _names(venue: Venue) -> str:
    known = f", also known as {', '.join(f'`{name}`' for name in venue.aliases)}" if venue.aliases else ""
    life = [f"opened {to_text(venue.opened)}"] if venue.opened else []
    life += [f"closed {to_text(venue.closed)}"] if venue.closed < FOREVER else []
    return f"Id `{venue.id}`{known}.{' ' + '; '.join(life).capitalize() + '.' if life else ''}"


def _rule_section(group: Sequence[DatedRule]) -> list[str]:
    rule = group[0]
    rows = [(part, name, *_value(value)) for part in PARTS for name, value in rule.parts[part].items()]
    return [
        f"## {rule.id}",
        f"*{'; '.join(_scope(rule))}*",
        in_words(rule),
        f"```text\n{in_symbols(rule)}\n```",
        grid(("part", "what", "value", "source"), rows),
        _doubts([rule]),
    ]


def _disputed_section(group: Sequence[DatedRule]) -> list[str]:
    """Show the readings side by side, a column each."""
    parts = [f"## {' or '.join(rule.id for rule in group)}", f"*{'; '.join(_scope(group[0]))}*"]
    parts.append("Documents conflict. Every reading is evaluated and shown; none of them decides whether an audit passes.")
    for rule in group:
        rank = " (its document outranks the others)" if rule.preferred else ""
        parts += [f"**{plain(rule.reading)}**{rank}: {in_words(rule)}", f"```text\n{in_symbols(rule)}\n```"]
    rows = []
    for part in PARTS:
        for name in dict.fromkeys(name for rule in group for name in rule.parts[part]):
            values = [rule.parts[part].get(name) for rule in group]
            cells = [" ".join(cell for cell in _value(value) if cell) if value else "no such part" for value in values]
            rows.append((part, name, *cells, "" if len({_told(v) for v in values}) == 1 else "disputed"))
    head = ("part", "what", *(plain(rule.reading) for rule in group), "")
    return [*parts, grid(head, rows), _doubts(group)]


def _scope(rule: DatedRule) -> Iterator[str]:
    yield f"{rule.status}: {_STATUS[rule.status]}"
    yield rule.period
    if rule.lists:
        yield rule.lists
    if rule.markets:
        yield f"{', '.join(rule.markets)} contracts"


def _doubts(group: Sequence[DatedRule]) -> str:
    lines = dict.fromkeys(doubt for rule in group for doubt in rule.doubts)
    return "Doubts:\n\n" + "\n".join(f"- {plain(line)}" for line in lines) if lines else ""


def _before(earlier: Sequence[tuple[DatedRule, ...]], group: Sequence[DatedRule]) -> DatedRule | None:
    """Return the rule before: the latest one of the same contracts that began earlier."""
    now = group[0]
    for candidate in reversed(earlier):
        then = candidate[0]
        shared = not then.markets or not now.markets or set(then.markets) & set(now.markets)
        if then.market_list == now.market_list and shared and then.since < now.since:
            return agreed(candidate) if len(candidate) > 1 else then
    return None


def _changes(before: DatedRule | None, rule: DatedRule) -> list[str]:
    if before is None:
        return []
    rows = [
        (f"{d.part}.{d.name}", *(code(text) if text and not text.startswith("unknown") else plain(text) for text in (d.before, d.after)))
        for d in diff(before, rule)
    ]
    return [f"Changed from `{before.id}`:", grid(("what", "before", "after"), rows)] if rows else []


def _contracts(entries: Iterable[ContractNumbers]) -> Iterator[tuple[str, ...]]:
    for entry in entries:
        since = "the start" if entry.since <= 0 else to_text(entry.since)
        until = "today" if entry.until >= FOREVER else to_text(entry.until)
        for name, value in entry.numbers.items():
            least = "" if entry.margin_from is None else f" with an initial margin of {entry.margin_from} or more"
            yield f"{code(entry.pattern)}{least}", f"{since} to {until}", name, *_value(value)


def _symbols(venue: Venue) -> str:
    rows = []
    for pattern in venue.patterns:
        told = (pattern.base, pattern.quote, pattern.settle or "none: spot")
        renamed = ", ".join(f"{theirs} is {ours}" for theirs, ours in pattern.rename)
        rows.append((code(pattern.pattern), *(plain(text) or "from the id" for text in told), renamed))
    return grid(("native id", "base", "quote", "settle", "renamed"), rows) if rows else "No pattern is on record."


def _value(value: Sourced) -> tuple[str, str]:
    return (code(value.text), f"`{value.source}`") if value.known else ("unknown", plain(value.reason))


def _source(source: Source) -> str:
    told = "; ".join(plain(text).rstrip(".") for text in (source.title, source.read, source.note) if text)
    return f"{told}. <{source.url}>" if source.url else f"{told}."


def plain(text: str) -> str:
    """Text that markup leaves alone."""
    for mark in "\\*_[]<>#`|":
        text = text.replace(mark, f"\\{mark}")
    return text


def code(text: str) -> str:
    """Code that does not end a table's cell."""
    escaped = text.replace("|", "\\|")
    return f"`{escaped}`"


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("\n", " ") for cell in line) + " |" for line in lines)
