"""What do single samples of an example come to: votes, bounds, prices at the end, what a transform makes of them?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from perpscope.catalogue.check.bench import Bench
from perpscope.catalogue.check.facts import Lacking, Value
from perpscope.catalogue.check.names import Meaning, tokens_of
from perpscope.mechanisms.reduce import MedianMean, median
from perpscope.mechanisms.window import Window


def block_median(bench: Bench, asked: Meaning) -> Value:
    """Median of the votes of one block, padded as the rule says."""
    reducer, grains = bench.rule.reduce, bench.rule.observe.grains or 1
    if not isinstance(reducer, MedianMean):
        raise Lacking(f"{bench.dated.id} takes no median of votes")
    whole = not any(token in {"ppm", "bp", "bps", "pct"} for token in tokens_of(bench.facts.meaning("votes").name))
    unit = Fraction(grains if whole else 1)
    found = median([vote / unit for vote in bench.facts.numbers("votes")], reducer.votes, reducer.grains)
    return found * unit if asked.scale == 1 else found


def _premium_bound(bench: Bench, asked: Meaning) -> Value:
    """Largest size a sample of the premium may have."""
    del asked
    bench.need("observe.bound")
    bench.facts.mark("factor", "premium_bound")
    bound = bench.rule.observe.bound
    if math.isinf(bound):
        raise Lacking(f"{bench.dated.id} sets no bound for its samples")
    return bound


def _final_price(bench: Bench, asked: Meaning) -> Value:
    """Price at which a contract that ends is worth its index: the rule's average of the index prices given."""
    del asked
    if bench.rule.observe.kind != "final_price":
        raise Lacking(f"{bench.dated.id} has no final price")
    prices: list[Any] = bench.facts.numbers("indexes")
    return bench.rule.fix(Window(0, 3_600_000, {"premium": prices}, level=Fraction(1))).terms.premium


def _per_sample(bench: Bench, asked: Meaning) -> Value:
    del asked
    found = bench.transformed()
    return found if bench.facts.has("samples") else found[0]


def _sample_count(bench: Bench, asked: Meaning) -> Value:
    """Count the samples a full interval holds by the stated spacing."""
    if bench.facts.has("spacing"):
        bench.facts.mark("interval_hours", "per_day_count")
        return Fraction(asked.hours or bench.hours_or(asked.per)) * 3600 / Fraction(bench.facts.number("spacing"))
    bench.need("observe.every_seconds")
    every = bench.dated.parts["observe"].get("every_seconds")
    if every is None or not every.known:
        raise Lacking(f"{bench.dated.id} does not state how often it samples")
    bench.facts.mark("interval_hours", "per_day_count")
    return Fraction(asked.hours or bench.hours_or(asked.per)) * 3600 / Fraction(every.number({}))


SAMPLES: Mapping[str, Callable[[Bench, Meaning], Value]] = {
    "block_median": block_median,
    "premium_bound": _premium_bound,
    "final_price": _final_price,
    "per_sample": _per_sample,
    "sample_count": _sample_count,
}
