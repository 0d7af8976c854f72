"""Does the search find a window that was put there, count all that fit, and treat holes and off-slot stamps as said?"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from perpscope.analysis.printed.trade_windows import on_grid, priced, scan, window_sums
from perpscope.analysis.series import fixings
from perpscope.errors import InputError, NotEnoughData
from tests.unit.analysis.frames import at, contract

DAY = 86_400_000


def history(rates: list[float], start: float = 8.0) -> pl.DataFrame:
    return fixings(contract([(start + 8.0 * k, rate, 8.0) for k, rate in enumerate(rates)]))


def test_a_planted_window_is_found_to_the_stamp() -> None:
    rng = np.random.default_rng(3)
    one, other = rng.normal(1e-4, 3e-4, 900), rng.normal(1e-4, 3e-4, 900)
    two, another = rng.normal(1e-4, 3e-4, 900), rng.normal(1e-4, 3e-4, 900)
    place, length = 311, 90
    targets = {
        "A": float((one - other)[place : place + length].sum()),
        "B": float((two - another)[place : place + length].sum()),
    }
    grids = {
        "A": on_grid(history(list(one)), history(list(other))),
        "B": on_grid(history(list(two)), history(list(another))),
    }
    found = scan(grids, targets, (20, 60), (1e-9, 1e-4))
    best = found.fits[0]
    assert best["start"] == at(8.0 * place)
    assert best["end"] == at(8.0 * (place + length))
    assert best["days"] == 30.0
    assert best["miss"] < 1e-12
    assert found.within[1e-9] == 1
    assert found.tried == sum(900 - k + 1 for k in range(60, 181))


def test_counts_are_those_of_a_plain_search() -> None:
    rng = np.random.default_rng(4)
    one, other = rng.normal(0, 1e-3, 60), rng.normal(0, 1e-3, 60)
    grid = on_grid(history(list(one)), history(list(other)))
    found = scan({"A": grid}, {"A": 0.001}, (1, 4), (5e-4, 2e-3))
    gap = one - other
    plain = [abs(gap[s : s + n].sum() - 0.001) for n in range(3, 13) for s in range(60 - n + 1)]
    assert found.tried == len(plain)
    assert found.within == {5e-4: sum(miss <= 5e-4 for miss in plain), 2e-3: sum(miss <= 2e-3 for miss in plain)}
    assert found.fits[0]["miss"] == pytest.approx(min(plain), abs=1e-15)


def test_a_hole_pays_nothing_or_what_lies_between_its_neighbours() -> None:
    rows = history([1e-4, 1e-4, 3e-4, 1e-4]).filter(pl.col("slot") != at(24))
    full = history([0.0] * 4)
    assert on_grid(rows, full).one.tolist() == [1e-4, 1e-4, 0.0, 1e-4]
    assert on_grid(rows, full, fill=True).one.tolist() == pytest.approx([1e-4] * 4)
    assert on_grid(rows, full).holes.tolist() == [False, False, True, False]


def test_a_late_stamp_is_put_on_its_slot() -> None:
    rows = fixings(contract([(8.0, 1e-4, 8.0), (18.0, 2e-4, 8.0), (24.0, 3e-4, 8.0)]))
    assert on_grid(rows, history([0.0] * 3)).one.tolist() == [1e-4, 2e-4, 3e-4]


def test_fixed_coins_are_paid_at_the_price_of_the_stamp() -> None:
    grid = on_grid(history([1e-3, 1e-3, 1e-3]), history([0.0, 0.0, 0.0]))
    prices = pl.DataFrame({"close_at": [at(16), at(24)], "close_quote": [100.0, 150.0]})
    told = priced(grid, prices)
    assert told.slots.tolist() == [at(16), at(24)]
    found = scan({"A": told}, {"A": 0.0025}, (2 / 3, 2 / 3), (1e-12,))
    assert found.fits[0]["A"] == pytest.approx(1e-3 * (1 + 1.5))


def test_sums_of_windows_that_do_not_fit_are_nothing() -> None:
    sums = window_sums(np.array([1.0, 2.0, 3.0]), np.array([2, 3]))
    assert sums[:, 0].tolist()[:2] == [3.0, 5.0]
    assert np.isnan(sums[2, 0])
    assert np.isnan(sums[1, 1])


def test_what_cannot_be_searched_is_refused() -> None:
    grid = on_grid(history([0.0] * 3), history([0.0] * 3))
    with pytest.raises(InputError):
        scan({"A": grid}, {"B": 0.0})
    with pytest.raises(NotEnoughData):
        scan({"A": grid}, {"A": 0.0}, (20, 30))
    with pytest.raises(NotEnoughData):
        on_grid(history([0.0]), history([0.0], start=8000.0))
