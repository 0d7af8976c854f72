"""Is every fee, borrow rate, transfer and spread of the project's note on costs in the catalogue, and found again at its date?"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from perpscope.catalogue.tariff_row import CostRow
from perpscope.catalogue.tariffs import Asked, find_cost, load_tariff, tariff_ids
from perpscope.market.time import day_ms

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
PRINTED = {"Binance", "BitMEX", "Bybit", "OKX", "HTX"}
NAMED = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}
"""Notionals that the note writes as words."""


def entries(shared: Path) -> list[dict[str, Any]]:
    told = json.loads((shared / "spec" / "costs.json").read_text(encoding="utf-8"))
    return [entry for entry in told if entry["kind"] != "bracket"]


def raw_rows() -> list[tuple[str, str, dict[str, Any]]]:
    """(venue, source, entry) of every entry as it stands in the files."""
    found = []
    for venue in tariff_ids():
        text = resources.files("perpscope.catalogue").joinpath("costs", f"{venue}.toml").read_text(encoding="utf-8")
        told = tomllib.loads(text)
        for kind, rows in told.items():
            if kind not in {"venue", "sources"}:
                found += [(venue, told["sources"][row["source"]], row) for row in rows]
    return found


def numbers(value: object) -> Iterable[float]:
    """Every number in a value, those in its words included."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from [float(NAMED[key])] if key in NAMED else []
            yield from numbers(item)
    elif isinstance(value, list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, str):
        yield from (float(each.replace(",", "")) for each in NUMBER.findall(value.replace(",", "")))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def told_numbers(entry: Mapping[str, Any]) -> list[float]:
    """Numbers of an entry of the note, without what it says of other things in words."""
    left_out = {"finding", "scope", "accrual", "rate", "level", "fee"}
    if {"per_day_pct", "per_hour_pct"} & set(entry["value"]):
        left_out |= {"per_year_pct"}  # the same rate, times 365 or 8760
    value = {key: item for key, item in entry["value"].items() if key not in left_out}
    fee = entry["value"].get("fee")
    return [*numbers(value), *(numbers(fee) if isinstance(fee, dict) else [])]


def test_every_number_stands_under_its_own_source_and_status(shared: Path) -> None:
    rows = raw_rows()
    missing = []
    asked = entries(shared)
    assert len(asked) == 382
    for entry in asked:
        mine = [row for _, source, row in rows if source == entry["source"] and row["status"] == entry["status"]]
        held = {value for row in mine for value in numbers(row)}
        held |= {round(100 - value, 9) for value in held if entry["tier"] == "discount factors L1..L6"}  # a factor of 0.95 is 5 % off
        if not mine or not set(told_numbers(entry)) <= held:
            missing.append((entry["venue"], entry["instrument"], entry["tier"], set(told_numbers(entry)) - held))
    assert missing == []


def test_every_fee_of_a_tier_is_a_row_of_that_tier_with_its_dates(shared: Path) -> None:
    rows = [row for venue in tariff_ids() for row in load_tariff(venue).rows if row.kind == "fee"]
    missing = []
    for entry in entries(shared):
        value = entry["value"]
        simple = {name: value[f"{name}_pct"] for name in ("maker", "taker") if not isinstance(value.get(f"{name}_pct", []), list)}
        if entry["kind"] != "fee" or not simple:
            continue
        if not any(same(entry, simple, row) for row in rows):
            missing.append(entry)
    assert missing == []


def same(entry: Mapping[str, Any], told: Mapping[str, float | None], row: CostRow) -> bool:
    """Whether a row says what an entry of the note says."""
    if row.source != entry["source"] or row.status != entry["status"] or entry["tier"] not in {row.tier, row.says} | base_of(row):
        return False
    for name, number in told.items():
        if number is None:
            if name not in row.holes:
                return False
        elif name not in row.numbers or abs(float(row.numbers[name][0]) * 100 - number) > 1e-12:  # percent and fraction, two roundings
            return False
    return dates_agree(entry, row)


def base_of(row: CostRow) -> set[str]:
    return {"base"} if row.tier in {"base", "contract record", "test network"} else set()


def dates_agree(entry: Mapping[str, Any], row: CostRow) -> bool:
    """Whether the days of an entry are the row's: in force between them, or seen on them."""
    days = {key: re.findall(r"\d{4}(?:-\d\d)?(?:-\d\d)?(?:T\d\d:\d\d)?", entry[key] or "") for key in ("from", "to", "seen_on")}
    seen = {day for first, last in row.when.seen for day in (first, last - 86_400_000)}
    known = {row.when.since, row.when.until, *seen, *(first for first, _ in row.when.seen)}
    if not any(days.values()):
        return row.when.undated
    return all(any(at(day) in known for day in each) for each in days.values() if each) or entry["from"] == "block 6,912,000"


def at(day: str) -> int:
    return day_ms({4: f"{day}-01-01", 7: f"{day}-01"}.get(len(day), day if len(day) == 10 else f"{day}Z"))


def test_every_dated_row_answers_at_its_own_date_or_is_told() -> None:
    """Contradicting rows cannot all answer: what does not is in the span of what does."""
    unheard = []
    for venue in tariff_ids():
        for row in load_tariff(venue).rows:
            if row.kind == "remark" or row.when.undated:
                continue
            for name, (low, high) in row.numbers.items():
                found = find_cost(row.kind, name, asked_for(venue, row), moment_in(row))
                if found is None or found.relation != "in force" or not (found.span[0] <= low <= high <= found.span[1]):
                    unheard.append((venue, row.kind, row.whom.of, row.tier, name))
    assert unheard == []


def moment_in(row: CostRow) -> int:
    if row.when.seen:
        return row.when.seen[0][0]
    return row.when.since if row.when.since is not None else (row.when.until or 1) - 1


def asked_for(venue: str, row: CostRow) -> Asked:
    """Return a question that the row speaks of."""
    whom = row.whom
    words = {key: value for key, value in row.words.items() if key in {"asset", "network", "way", "name"}}
    if row.kind in {"borrow", "transfer"}:
        return Asked(venue, tier=row.tier, words=words)
    symbol, market = example_of(row)
    if whom.contracts:
        from perpscope.catalogue.load import load_venue, venue_ids
        from perpscope.market.instrument import Instrument

        read = load_venue(venue).instrument(whom.contracts[0]) if venue in venue_ids() else None
        symbol, market = (read.symbol, read.market) if isinstance(read, Instrument) else (whom.contracts[-1], "dated")
    return Asked(venue, symbol, market, row.tier, words)


def example_of(row: CostRow) -> tuple[str, str]:
    """Return a symbol of the kind of market a row speaks of, and the kind."""
    whom = row.whom
    market = (whom.markets or ("linear",))[0]
    quote = (whom.quotes or (("USD",) if market == "inverse" else ("USDT",)))[0]
    base = (whom.bases or ("BTC",))[0]
    return {"spot": f"{base}/{quote}", "inverse": f"{base}/{quote}:{base}", "dated": f"{base}/{quote}:{quote}-261225"}.get(
        market, f"{base}/{quote}:{quote}"
    ), market
