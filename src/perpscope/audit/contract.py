"""Does this contract's history agree with its venue's rules?

The whole audit, on frames handed in: recompute what can be, try what the rules imply, look at contexts and books, and
say what could not be compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.audit.compare import Compared, compare, departures, largest, residuals
from perpscope.audit.contexts import FAIR, PREMIUM, fair_prices, observe_of, premiums_shown, verdict
from perpscope.audit.digits import half_units
from perpscope.audit.eras import DISPUTED, Era, eras_of, lag_of
from perpscope.audit.facts import Facts, Series, Subject, series_of
from perpscope.audit.imply.checks import implied
from perpscope.audit.imply.grounds import Grounds, Reference
from perpscope.audit.model import Audit, Check, Reading, RuleUsed
from perpscope.audit.recompute import AVERAGES, PARTIAL, Recomputed, recompute
from perpscope.audit.recorded import recorded
from perpscope.audit.sampled import Samples
from perpscope.catalogue.load import load_venue
from perpscope.catalogue.schema import Venue
from perpscope.errors import CatalogueError, InputError
from perpscope.market.time import to_text

if TYPE_CHECKING:
    import polars as pl

MOST_REFERENCES = 6
PARTIAL_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Scope:
    """What part of a history is audited, and how.

    Parameters
    ----------
    start_ms, end_ms : slots with start <= slot < end; None for all. seed : of resampling.
    infer : whether to search for the rule that fits.
    """

    start_ms: int | None = None
    end_ms: int | None = None
    seed: int = 0
    infer: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """Rates of one contract beside what was computed for them.

    Parameters
    ----------
    subject : the contract. series : its fixings. eras : the rules they were under. found, compared : columns as long as the series.
    samples : premium samples at hand. checks : what the books proved.
    """

    subject: Subject
    series: Series
    eras: tuple[Era, ...]
    samples: Samples | None
    found: Recomputed
    compared: Compared
    checks: tuple[Check, ...]


def try_rates(facts: Facts, venue: Venue, scope: Scope, peers: pl.DataFrame | None = None) -> Tried:
    """Recompute what can be recomputed of one contract, and hold it against what was published."""
    subject = facts.subject()
    series = series_of(facts.funding, scope.start_ms, scope.end_ms)
    eras = eras_of(venue, subject, series, facts.numbers)
    books = recorded(facts, venue, subject, peers)
    samples = Samples.of(facts.samples) if facts.samples is not None and not facts.samples.is_empty() else books.samples
    found = recompute(series, eras, samples)
    return Tried(subject, series, eras, samples, found, compare(series, found), books.checks)


def audit_contract(
    facts: Facts, venue: Venue, scope: Scope | None = None, certificate: Mapping[str, Any] | None = None, peers: pl.DataFrame | None = None
) -> Audit:
    """Audit one contract.

    Parameters
    ----------
    facts : frames of the contract. venue : its dated rules. scope : dates, seed, search.
    certificate : what the frames rest on, as plain values.
    peers : contexts of the venue's other contracts, which tell how many decimals it prints.

    Raises
    ------
    InputError
        When the frames are of no contract, or of several.
    """
    scope = scope or Scope()
    tried = try_rates(facts, venue, scope, peers)
    subject, series, eras, samples = tried.subject, tried.series, tried.eras, tried.samples
    found, compared = tried.found, tried.compared
    grounds = Grounds(venue, subject, series, eras, half_units(series.rate, series.source), _references(facts, subject), scope.seed)
    rules = rule_names(series, eras)
    readings = tuple(_reading(series, eras, samples, era) for era in eras if not era.gates)
    inference = None
    if scope.infer:
        from perpscope.audit.infer.search import infer

        inference = infer(series, _observed(facts, samples), grounds.references)
    return Audit(
        venue=subject.venue,
        symbol=subject.symbol,
        market_list=subject.market_list,
        rows=len(series),
        recomputed=int(compared.whole.sum()),
        matched=int(compared.matched.sum()),
        max_abs_error=compared.max_abs_error,
        tolerance=compared.spread(),
        checks=(*implied(grounds), *_context_checks(facts, venue, subject, peers), *tried.checks),
        certificate=certificate or {},
        not_recomputable=dict(Counter(reason for reason in found.reason if reason).most_common()),
        departures=departures(series, compared, rules),
        largest=largest(series, compared, rules),
        rules=tuple(_used(series, found, compared, era) for era in eras if era.gates),
        readings=readings,
        explain=_story(series, found, compared),
        inference=inference,
        residuals=residuals(series, found, compared),
    )


def _observed(facts: Facts, samples: Samples | None) -> dict[str, Samples]:
    """Premium samples a search may try rules on, by what they are."""
    from perpscope.audit.infer.looks import observed_in

    found = {} if facts.contexts is None else observed_in(facts.contexts)
    return found if samples is None else {"premium samples": samples, **found}


def rule_names(series: Series, eras: tuple[Era, ...]) -> list[str]:
    """Name the rule of each row; empty where none governs it."""
    names = [""] * len(series)
    for era in eras:
        for row in era.rows.tolist():
            names[row] = era.dated.id
    return names


def _references(facts: Facts, subject: Subject) -> tuple[Reference, ...]:
    """Read the other venues' histories, those with the most rows first."""
    import numpy as np

    if facts.references is None or facts.references.is_empty():
        return ()
    out = []
    for part in facts.references.partition_by("venue", "market_list", "native_id"):
        who = Facts(part).subject()
        try:
            venue = load_venue(who.venue)
        except InputError:
            continue
        if who.venue != subject.venue:
            series = series_of(part)
            lag = np.full(len(series), -1, dtype=np.int64)
            for era in eras_of(venue, who, series):
                lag[era.rows] = -1 if not era.gates or era.lag is None else era.lag
            out.append(Reference(f"{who.venue} {who.symbol}", series, lag))
    return tuple(sorted(out, key=lambda r: -len(r.series))[:MOST_REFERENCES])


def _reading(series: Series, eras: tuple[Era, ...], samples: Samples | None, era: Era) -> Reading:
    found = recompute(series, eras, samples, only=era)
    compared = compare(series, found)
    why = Counter(found.reason[row] for row in era.rows.tolist() if found.reason[row]).most_common(1)
    return Reading(
        rule=era.dated.id,
        reading=era.dated.reading if era.dated.status == DISPUTED else "its dates are not established here",
        rows=len(era.rows),
        recomputed=int(compared.whole.sum()),
        matched=int(compared.matched.sum()),
        max_abs_error=compared.max_abs_error,
        note=why[0][0] if why else "",
    )


def _used(series: Series, found: Recomputed, compared: Compared, era: Era) -> RuleUsed:
    why = Counter(found.reason[row] for row in era.rows.tolist() if found.reason[row]).most_common(1)
    notes = [why[0][0]] if why else []
    notes += ["lag unknown, taken as 0 for the dates"] if lag_of(era.dated) is None else []
    return RuleUsed(
        rule=era.dated.id,
        status=era.dated.status,
        start=to_text(int(series.slot[era.rows[0]])),
        end=to_text(int(series.slot[era.rows[-1]])),
        rows=len(era.rows),
        recomputed=int(compared.whole[era.rows].sum()),
        matched=int(compared.matched[era.rows].sum()),
        note="; ".join(notes),
    )


def _context_checks(facts: Facts, venue: Venue, subject: Subject, peers: pl.DataFrame | None) -> tuple[Check, ...]:
    import polars as pl

    if facts.contexts is None or facts.contexts.is_empty():
        return ()
    moments = pl.col("ts").dt.epoch("ms")
    checks = []
    for dated in venue.rules:
        rows = facts.contexts.filter((moments >= dated.since) & (moments < dated.until))
        if rows.is_empty() or not dated.governs(subject.market_list, subject.market):
            continue
        try:
            check = verdict(PREMIUM, premiums_shown(rows, observe_of(dated), peers), "fraction")
        except CatalogueError as problem:
            check = Check(PREMIUM, None, str(problem))
        if dated.status == DISPUTED:
            check = Check(f"{PREMIUM}, by {dated.id}", None, f"disputed, shown only: {check.detail}")
        checks.append(check)
    return (*checks, verdict(FAIR, fair_prices(facts.contexts, peers), "quote"))


def _partial(series: Series, found: Recomputed) -> list[str]:
    """Show the windows that were seen in part: never matched, but not hidden."""
    rows = [row for row, reason in enumerate(found.reason) if reason == PARTIAL]
    lines = [
        f"Of the window of {to_text(int(series.slot[row]))} {found.coverage[row]:.1%} was seen, which would give {found.rate[row]:.10g}; "
        f"published {series.rate[row]:.10g}; partial, not counted as matched or missed."
        for row in rows[:PARTIAL_SHOWN]
    ]
    return lines + ([f"{len(rows) - PARTIAL_SHOWN} more windows were seen in part."] if len(rows) > PARTIAL_SHOWN else [])


def _story(series: Series, found: Recomputed, compared: Compared) -> tuple[str, ...]:
    n, whole, matched = len(series), int(compared.whole.sum()), int(compared.matched.sum())
    lines = [f"{n:,} published fixings; {whole:,} recomputed from inputs at hand, {matched:,} of them match."]
    if whole:
        averaged = int((compared.whole & (found.how == AVERAGES)).sum())
        lines.append(
            f"{averaged:,} were computed from the averaged premium in their row, {whole - averaged:,} from samples of their window."
        )
        lines.append(
            f"Largest difference {compared.max_abs_error:.3g}; allowed up to {compared.spread().largest:.3g}: {compared.spread().stated}."
        )
    lines += _partial(series, found)
    if found.taken:
        lines.append(f"{found.taken} rates limited in their step were measured from the rate published before, none being computed.")
    if whole < n:
        lines.append(f"{n - whole:,} were not recomputed, and no agreement is claimed for them.")
    return tuple(lines)
