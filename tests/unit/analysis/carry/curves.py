"""A futures curve whose carry and turns are known: front and second settlements, and spot at their very moment."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from perpscope.analysis.carry.calendar import contract_months, midnight, settles

CLOSE_HOURS = 21
Sides = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]


def made_curve(turns: dict[int, int], first: date, days: int, carry: float = 0.10, seed: int = 1) -> Sides:
    """Front and second settlements and hourly spot of a market of one constant carry, turning as told."""
    rng = np.random.default_rng(seed)
    rows, spots = [], []
    price = 30_000.0
    for n in range(days):
        day = first + timedelta(days=n)
        price *= float(np.exp(rng.normal(0, 0.03)))
        at = midnight(day) + CLOSE_HOURS * 3_600_000
        spots.append((at, price))
        if settles(day):
            ends = contract_months(day, turns[day.year], 2)
            noise = rng.normal(0, 0.0005)
            front, second = (price * (1 + carry * (end - day).days / 365) * (1 + noise) for end in ends)
            rows.append((midnight(day), at, front, second))
    sides = pl.DataFrame(rows, schema=["day", "close_at", "front", "second"], orient="row")
    spot = pl.DataFrame(spots, schema=["close_at", "close_quote"], orient="row")
    return (
        sides.select("day", "close_at", close_quote="front"),
        sides.select("day", "close_at", close_quote="second"),
        spot,
    )
