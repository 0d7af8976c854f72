"""What is the noise floor by recorded books, by price bars, or by averaged premiums alone?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perpscope.analysis.noise.choices import ONE_RATE, Band, Choice, band_edges, band_of, premium_readings
from perpscope.analysis.noise.independent import independent, passing_noise
from perpscope.analysis.noise.push import DOWN, ONE_BP, UP, Ladder, flat_in, push_costs, way
from perpscope.analysis.noise.weights import weights_of
from perpscope.audit.noise.bars import Barred, stretches, whole_windows
from perpscope.audit.noise.law import Law, law_at
from perpscope.audit.noise.model import NoiseFloor, Prices, Push
from perpscope.audit.noise.recorded import Recording, Seen, ladders_of, seen
from perpscope.errors import NotEnoughData
from perpscope.market.instrument import Instrument
from perpscope.market.number import to_float
from perpscope.market.time import to_text
from perpscope.mechanisms.batch import fix_averages
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.audit.facts import Floats
    from perpscope.store import Store

BLOCK = 96
"""Readings of a stretch whose mean is taken for the level they scatter about, where data is long: four days of hourly bars."""
SLICES = 16
NO_BOOK = "no book at hand: costs are those of standing at the price alone, without taking the book, and so too low"
PUBLISHED, COMPUTED = "published by the venue", "computed by the rule from these readings"


def floor_of_books(store: Store, contract: Instrument, own: Recording, spot: Recording | None) -> NoiseFloor:
    """Floor of the window that most of the recording lies in."""
    import numpy as np

    from perpscope.audit.booked import grid

    at = grid(own.books, 1.0)
    law = law_at(store, contract, int(at[len(at) // 2]))
    ends = np.array([law.window_of(int(ms))[1] for ms in at.tolist()])
    most = int(np.bincount(np.searchsorted(np.unique(ends), ends)).argmax())
    last = int(np.unique(ends)[most])
    moments = seen(store, law, own, spot)
    inside = ends == last
    looks = Seen(moments.at[inside], moments.looks.part(inside), moments.prices)
    every = max(round(law.spacing), 1)
    band = band_of(looks.looks, law.rule, law.hours, every)
    readings = premium_readings(looks.looks, looks.looks.own[0], looks.looks.own[1])
    sampled = readings[::every]
    sampled = sampled[np.isfinite(sampled)]
    weights = weights_of(law.rule.reduce, len(sampled), every / 3600)
    if weights is None:
        raise NotEnoughData(f"the noise floor of {contract.symbol}", "the rule's average is no weighted mean", "Nothing can be done.")
    count = round(law.hours * 3600 / every)
    full = weights_of(law.rule.reduce, count, every / 3600)
    ladders = ladders_of(law, own, looks, readings)
    published = law.published_at(last)
    rate = published if published is not None else float(_rate(law, band.choices[0].premium))
    frames = [own.books, *(m for m in (own.trades, spot.books if spot else None, spot.trades if spot else None) if m is not None)]
    covered = min(1.0, len(sampled) / count)
    notes = (*law.notes, *_book_notes(covered, moments))
    return NoiseFloor(
        **_who(law),
        seen_in="books",
        n=len(sampled),
        window=(int(looks.at[0]), int(looks.at[-1])),
        covered=covered,
        reading=independent([sampled], weights),
        whole=None if full is None else independent([sampled], full),
        noise=passing_noise([sampled]),
        band=band,
        published=rate,
        published_is=PUBLISHED if published is not None else COMPUTED,
        plateau=flat_in(law.rule.formula, law.hours),
        push=_push(law, ladders, full, band.choices[0].premium),
        prices=moments.prices,
        certificate=_certificate(store, frames, law),
        notes=notes,
    )


def _book_notes(covered: float, moments: Seen) -> tuple[str, ...]:
    notes = [f"{moments.looks.own[1]} stands for the index"] if moments.looks.own[1] != "the venue's index" else []
    if covered < 1:
        notes.append(
            f"the readings cover {covered:.2%} of the window: slower movements are not in them, a published rate averages over all"
        )
    return tuple(notes)


def floor_of_bars(store: Store, law: Law, bars: Barred) -> NoiseFloor:
    """Floor of every window with all its bars; the choices shown are those of the last one."""
    import numpy as np

    rows, ends = whole_windows(bars.at, law, bars.hours)
    readings = premium_readings(bars.looks, *bars.looks.own[:2])
    weights = weights_of(law.rule.reduce, rows.shape[1], bars.hours)
    if weights is None:
        raise NotEnoughData(f"the noise floor of {law.contract.symbol}", "the rule's average is no weighted mean", "Nothing can be done.")
    step = round(bars.hours * MS_PER_HOUR)
    blocks = stretches(bars.at, readings, step, BLOCK)
    low, high = band_edges(bars.looks, law.rule, law.hours, rows)
    paid = law.published(ends)
    known = np.flatnonzero(np.isfinite(paid))
    chosen = int(known[-1]) if len(known) else len(ends) - 1
    band = band_of(bars.looks.part(rows[chosen]), law.rule, law.hours)
    published = float(paid[chosen]) if len(known) else None
    return NoiseFloor(
        **_who(law),
        seen_in="bars",
        n=int(np.isfinite(readings).sum()),
        window=(int(bars.at[0]), int(bars.at[-1])),
        covered=1.0,
        reading=independent(blocks, weights),
        whole=None,
        noise=passing_noise(blocks),
        band=band,
        published=published if published is not None else _rate(law, band.choices[0].premium),
        published_is=PUBLISHED if published is not None else COMPUTED,
        plateau=flat_in(law.rule.formula, law.hours),
        push=_push(law, [], _full(law), band.choices[0].premium),
        prices=(Prices(bars.perp), Prices(bars.spot)),
        certificate=_certificate(store, list(bars.used), law),
        widths=_widths(law, low, high, paid),
        notes=(
            *law.notes,
            f"one reading every {bars.hours:g} h from last trades: what happened inside a bar is not seen",
            f"{bars.spot} stands for the index",
            f"the choices are those of the window that ended at {to_text(int(ends[chosen]))}",
            NO_BOOK,
        ),
    )


def _widths(law: Law, low: Floats, high: Floats, paid: Floats) -> dict[str, float]:
    """Widths of all windows' bands a year, and the share of published rates inside theirs."""
    import numpy as np

    yearly = law.yearly * (high - low)
    known = np.isfinite(paid)
    inside = (paid >= low) & (paid <= high)
    found = {
        "windows": float(len(yearly)),
        "median_width_apr": float(np.median(yearly)),
        "largest_width_apr": float(yearly.max()),
        "share_of_one_rate": float(np.mean(high - low <= ONE_RATE)),
    }
    return found | ({"published": float(known.sum()), "published_inside": float(inside[known].mean())} if known.any() else {})


def floor_of_premiums(store: Store, law: Law, start: int | None, end: int | None) -> NoiseFloor:
    """Floor from averaged premiums: each is one reading of the period the formula is written for."""
    import numpy as np
    import polars as pl

    rows = law.funding.filter((pl.col("kind") == "settled") & pl.col("premium_frac").is_not_null()).sort("slot")
    slot = rows.select(pl.col("slot").dt.epoch("ms"))["slot"]
    keep = (slot >= (start or 0)) & (slot < (end if end is not None else 2**62))
    rows, at = rows.filter(keep), slot.filter(keep).to_numpy().astype(np.int64)
    if len(at) < BLOCK:
        what = f"the noise floor of {law.contract.identity.venue} {law.contract.symbol}"
        there = f"neither books nor bars beside a spot market, and {len(at)} averaged premiums"
        raise NotEnoughData(what, there, "Import order book recordings, or bars of the contract and of a spot market (--spot).")
    premium = rows["premium_frac"].to_numpy()
    step = round(law.hours * MS_PER_HOUR)
    period = max(to_float(law.rule.formula.period) or law.hours, law.hours)
    count = max(round(period / law.hours), 1)
    blocks = stretches(at, premium, step, BLOCK)
    band = _spans_band(law, premium, count)
    return NoiseFloor(
        **_who(law),
        seen_in="premiums",
        n=len(at),
        window=(int(at[0]), int(at[-1])),
        covered=1.0,
        reading=independent(blocks, np.full(count, 1 / count)),
        whole=None,
        noise=passing_noise(blocks),
        band=band,
        published=float(rows["funding_rate"][-1]),
        published_is=PUBLISHED,
        plateau=flat_in(law.rule.formula, law.hours),
        push=_push(law, [], _full(law), band.choices[0].premium),
        prices=(),
        certificate=_certificate(store, [rows], law, with_rates=False),
        notes=(
            *law.notes,
            f"readings are averages over {law.hours:g} h as the venue publishes them: what one sample scatters is averaged out already",
            f"choices are averages over 1 to {count} intervals",
            NO_BOOK,
        ),
    )


def _spans_band(law: Law, premium: Floats, count: int) -> Band:
    """Band of the last interval's rate if its premium were averaged over more intervals."""
    spans = sorted({1, 2, count // 2, count} - {0})
    found = []
    for span in spans:
        mean = float(premium[-span:].mean())
        rate = _rate(law, mean)
        found.append(Choice("averaged premium", "the venue's index", f"mean of {span} intervals", mean, rate, rate, rate, span))
    return Band(min(c.rate for c in found), max(c.rate for c in found), law.hours, tuple(found))


def _who(law: Law) -> dict[str, Any]:
    return {
        "venue": law.contract.identity.venue,
        "symbol": law.contract.symbol,
        "market_list": law.contract.market_list,
        "rule": law.dated.id,
        "hours": law.hours,
    }


def _rate(law: Law, premium: float) -> float:
    import numpy as np

    return float(fix_averages(law.rule, np.array([premium]), np.array([law.hours])).rates[0])


def _full(law: Law) -> Floats | None:
    """Weights of all samples of a whole window; None where the spacing is unknown."""
    if not law.spacing:
        return None
    return weights_of(law.rule.reduce, round(law.hours * 3600 / law.spacing), law.spacing / 3600)


def _push(law: Law, ladders: list[Ladder], weights: Floats | None, premium: float) -> Push:
    """Cost of one basis point in each slice of the window."""
    formula, notional = law.rule.formula, law.notional
    up, down = (way(formula, law.hours, premium, ONE_BP, direction) for direction in (UP, DOWN))
    if weights is None or notional is None or len(weights) < SLICES:
        return Push((), (), up.distance, down.distance, up.idle, down.idle, notional)
    costs = [
        tuple(push_costs(ladders, weights, each.distance, notional, direction=direction, slices=SLICES))
        if each.distance is not None
        else ()
        for each, direction in ((up, UP), (down, DOWN))
    ]
    return Push(costs[0], costs[1], up.distance, down.distance, up.idle, down.idle, notional, bool(ladders))


def _certificate(store: Store, frames: list[pl.DataFrame], law: Law, *, with_rates: bool = True) -> dict[str, Any]:
    held = [*frames, *([law.funding] if with_rates and law.funding.height else [])]
    found: dict[str, Any] = store.certificate(*held).to_dict()
    return found
