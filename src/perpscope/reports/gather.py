"""What goes into a report of this store? Reads it, audits every contract, checks every series."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from perpscope.analysis.ruled import Contract, terms_of
from perpscope.audit.run import run_audit
from perpscope.catalogue.load import load_venue
from perpscope.collect.check import check_store
from perpscope.collect.generated import synthetic_sources
from perpscope.errors import PerpscopeError
from perpscope.market.table import FUNDING
from perpscope.market.time import to_text
from perpscope.reports.inputs import Audit, Facts, Problem, ReportInputs, SourceNote

if TYPE_CHECKING:
    import polars as pl

    from perpscope.analysis.terms import Terms
    from perpscope.store import Certificate, Store

_WHO = ["venue", "market_list", "native_id", "symbol"]


def gather(store: Store, now_ms: int, made_by: str, tell: Callable[[str], None]) -> ReportInputs:
    """Everything a report of `store` is made of.

    Parameters
    ----------
    now_ms : the moment the report is made. made_by : name and version of the program.
    tell : called with a line of progress.
    """
    funding = shown(store)
    tell(f"{funding.height:,} fixings of {funding.select(_WHO).n_unique()} contracts")
    audits = list(audited(store, funding, tell))
    tell("checking the data")
    used = set(funding["source"].unique().to_list())
    sources = [note for note in source_notes(store) if note.id in used or not note.synthetic]
    held = {note.id for note in sources}
    problems = [Problem.of(row) for row in check_store(store)["problems"] if row["source"] in held]
    return ReportInputs(
        funding=funding,
        now_ms=now_ms,
        terms=rule_terms(funding),
        audits=audits,
        problems=problems,
        sources=sources,
        certificate=certified(store.certificate(funding)) if funding.height else (),
        made_by=made_by,
    )


def shown(store: Store) -> pl.DataFrame:
    """Return the current fixings to show: real ones alone as soon as there are any, else the generated ones."""
    import polars as pl

    funding = store.read(FUNDING)
    real = funding.filter(~pl.col("source").is_in(list(synthetic_sources(store.sources()))))
    return real if real.height else funding


def audited(store: Store, funding: pl.DataFrame, tell: Callable[[str], None]) -> list[Audit]:
    """Audit every contract of a venue the catalogue has rules for."""
    found = []
    for venue, market_list, native_id, symbol in funding.select(_WHO).unique(maintain_order=True).rows():
        try:
            if not load_venue(venue).rules:
                continue
            tell(f"audit {venue} {symbol}")
            verdict = run_audit(store, venue, native_id, market_list=market_list, funding=funding)
        except PerpscopeError as problem:
            tell(f"audit {venue} {symbol}: {problem}")
            continue
        found.append(Audit.of(verdict.to_dict(), verdict.residuals))
    return found


def certified(certificate: Certificate) -> Facts:
    """Write a certificate in a few lines: what was used, what is missing, the digest that changes with any value."""
    lines = [("complete", "yes" if certificate.complete else "no"), ("rows", f"{certificate.rows:,}")]
    for used in certificate.used:
        missing, gaps = used.coverage.missing, len(used.coverage.gaps)
        if used.first is not None and used.last is not None:
            lines.append((f"{used.table}, span", f"{to_text(used.first)} to {to_text(used.last)}"))
        lines.append((f"{used.table}, stamps", "no grid" if missing is None else f"{missing:,} missing in {gaps} gaps"))
        lines.append((f"{used.table}, version", f"{used.version}, {len(used.sources)} sources"))
    return (*lines, ("digest", certificate.digest))


def rule_terms(funding: pl.DataFrame) -> list[Terms]:
    """Interest terms and limits of every contract and interval in the rows."""
    rows = funding.select("venue", "market_list", "native_id", "market", "interval_hours").unique()
    return terms_of(Contract(*row) for row in rows.rows())


def source_notes(store: Store) -> list[SourceNote]:
    """List the sources of the manifest, generated ones marked."""
    sources = store.sources()
    invented = synthetic_sources(sources)
    return [_note(row, synthetic=row["id"] in invented) for row in sources.iter_rows(named=True)]


def _note(row: dict[str, Any], *, synthetic: bool) -> SourceNote:
    return SourceNote(
        id=row["id"],
        name=row["name"],
        licence=row["licence"] or "",
        table=row["table"],
        rows=row["rows_stored"] or 0,
        sha256=row["sha256"],
        synthetic=synthetic,
        facts=tuple((str(k), str(v)) for k, v in json.loads(row["facts"]).items()),
    )
