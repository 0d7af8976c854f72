"""The market at a glance: the board, the report, and the main job that makes both from whatever the store holds."""

from __future__ import annotations

import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from perpscope import __version__
from perpscope.cli.place import Place, Where, say
from perpscope.cli.render import Format, render
from perpscope.errors import StoreError

if TYPE_CHECKING:
    from perpscope.reports.inputs import ReportInputs
    from perpscope.store import Store

MADE_BY = f"perpscope {__version__}"
REPORT = "perpscope-report.html"


def board(*, format: Format = "table", place: Where) -> int:  # noqa: A002 - the option's name
    """Show every contract: last rate, 1/7/30/90-day APR, share at the interest term, caps hit, dispersion.

    Parameters
    ----------
    format
        table, json or csv.
    """
    from perpscope.analysis.board import board as board_of
    from perpscope.collect.generated import synthetic_sources
    from perpscope.reports.gather import rule_terms, shown
    from perpscope.reports.text import board_rows, brief_rows

    store = place.store()
    funding = shown(store)
    found = board_of(funding, _now(), rule_terms(funding), synthetic=synthetic_sources(store.sources()))
    render(brief_rows(found) if format == "table" else board_rows(found), format)
    certificate = store.certificate(funding)
    say(f"{certificate.rows:,} fixings, {'nothing' if certificate.complete else 'something'} missing, certificate {certificate.digest}")
    return 0


def report(*, out: Path = Path(REPORT), place: Where) -> int:
    """Write the report of the store as one self-contained HTML file.

    Parameters
    ----------
    out
        File to write.
    """
    write_report(_inputs(place.store()), out)
    return 0


def main_job(place: Place) -> int:
    """Open the store, fill an empty one with the generated history, audit all it holds, write and show the report.

    What it finds stands in the report; the verbs `audit` and `data check` are the ones that gate.
    """
    store = place.store(create=True)
    if not store.tables():
        from perpscope.collect.generated import fill
        from perpscope.simulation.scenarios.first_look import FIRST_LOOK

        say("The store is empty: filling it with a small SYNTHETIC history. Import real data with `data import PATH…`.")
        fill(store, FIRST_LOOK)
    inputs = _inputs(store)
    out = (place.store_folder / REPORT).resolve()
    write_report(inputs, out)
    if place.opens_browser:
        webbrowser.open(out.as_uri())
    return 0


def write_report(inputs: ReportInputs, out: Path) -> None:
    """Write the report of the store to `out`."""
    from perpscope.reports.html import build_report

    write_page(build_report(inputs), out)


def write_page(page: str, out: Path) -> None:
    """Write a page to `out`, whole or not at all, and say where it is."""
    draft = out.with_name(out.name + ".part")
    try:
        draft.write_text(page, encoding="utf-8")
        draft.replace(out)
    except OSError as problem:
        raise StoreError(f"to write the report {out}", problem.strerror or str(problem), "Choose another place with --out.") from None
    say(f"report: {out}")


def _inputs(store: Store) -> ReportInputs:
    from perpscope.reports.gather import gather

    return gather(store, _now(), MADE_BY, say)


def _now() -> int:
    return time.time_ns() // 1_000_000
