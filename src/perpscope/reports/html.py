"""How does all of it become one page? A single HTML text that loads nothing, for wide and narrow, light and dark, screen and paper."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from perpscope.analysis.series import SERIES
from perpscope.reports import words
from perpscope.reports.figures.coverage import coverage
from perpscope.reports.figures.history import history
from perpscope.reports.figures.months import months
from perpscope.reports.figures.recent import recent
from perpscope.reports.figures.residuals import residuals
from perpscope.reports.figures.shape import shape
from perpscope.reports.figures.spread import spread
from perpscope.reports.figures.today import today
from perpscope.reports.sparks import sparks
from perpscope.reports.subject import Subject, label
from perpscope.reports.summary import summary
from perpscope.reports.theme import BLACK, PAPER, css, heat

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jinja2 import Environment, Template

    from perpscope.reports.figures.picture import Picture
    from perpscope.reports.inputs import Audit, Problem, ReportInputs

HISTORY_COINS = 2
RESIDUAL_FIGURES = 6
PROBLEM_ROWS = 300
AUDITS_TOLD = 8
"""Audits shown even if they have nothing to tell; all findings and recomputations are shown."""
WINDOWS = (1, 7, 30, 90)


def build_report(inputs: ReportInputs) -> str:
    """Write the whole report as one self-contained HTML text; pure, the caller writes the file.

    Parameters
    ----------
    inputs : fixings, verdicts, findings and sources, as plain values.

    Returns
    -------
    html
        Everything inline (style, script, SVG); nothing is requested from anywhere. Without fixings it says so.
    """
    subject = Subject.of(inputs)
    told = _ordered(inputs.audits)
    loud = max(AUDITS_TOLD, sum(audit.finding or audit.recomputed > 0 for audit in told))
    page: dict[str, Any] = {
        "inputs": inputs,
        "subject": subject,
        "light": css(PAPER),
        "dark": css(BLACK),
        "windows": WINDOWS,
        "problems": inputs.problems[:PROBLEM_ROWS],
        "problems_left": max(0, len(inputs.problems) - PROBLEM_ROWS),
        "problem_kinds": _kinds(inputs.problems),
        "audits": told[:loud],
        "audits_quiet": told[loud:],
        "synthetic": False,
    }
    if subject is not None:
        page |= _market(subject, inputs)
    return _template().render(page)


def _market(subject: Subject, inputs: ReportInputs) -> dict[str, Any]:
    drawn = sparks(subject.rows)
    coins: list[str] = subject.board["coin"].unique(maintain_order=True).to_list()
    places = {coin: i for i, coin in enumerate(coins)}
    rows = [row | {"spark": drawn.get(tuple(row[name] for name in SERIES), "")} for row in subject.board.iter_rows(named=True)]
    rows.sort(key=lambda row: (places[row["coin"]], not row["current"]))
    return {
        "summary": summary(subject, inputs),
        "rows": rows,
        "venues": sorted({row["venue"] for row in rows}),
        "synthetic": bool(subject.board["synthetic"].any()),
        "all_synthetic": bool(subject.board["synthetic"].all()),
        "today": _known([today(subject)]),
        "history": _known([recent(subject), months(subject), *(history(subject, coin) for coin in coins[:HISTORY_COINS])]),
        "history_left": max(0, len(coins) - HISTORY_COINS),
        "behaviour": _known([spread(subject), shape(subject)]),
        "residuals": _known(_residuals(subject, inputs)),
        "coverage": [coverage(subject)],
    }


def _residuals(subject: Subject, inputs: ReportInputs) -> Iterable[Picture | None]:
    import polars as pl

    with_data = [audit for audit in inputs.audits if audit.residuals is not None]
    for audit in sorted(with_data, key=lambda one: -one.recomputed)[:RESIDUAL_FIGURES]:
        who = (pl.col("venue") == audit.venue) & (pl.col("symbol") == audit.symbol) & (pl.col("market_list") == audit.market_list)
        rows = subject.rows.filter(who)
        source = subject.sources_of(rows) if len(rows) else audit.venue
        yield residuals(audit, source, synthetic=subject.synthetic(rows))


def _ordered(audits: Sequence[Audit]) -> list[Audit]:
    """Put findings first, then what was recomputed, then the rest."""

    def rank(audit: Audit) -> tuple[bool, int, str, str]:
        return not audit.finding, -audit.recomputed, audit.venue, audit.symbol

    return sorted(audits, key=rank)


def _kinds(problems: Sequence[Problem]) -> list[tuple[str, int, int]]:
    """Count the findings and the contracts of each kind, most frequent first."""
    counts = Counter(problem.kind for problem in problems)
    return [(kind, n, len({(p.venue, p.symbol) for p in problems if p.kind == kind})) for kind, n in counts.most_common()]


def _known(pictures: Iterable[Picture | None]) -> list[Picture]:
    return [picture for picture in pictures if picture is not None]


@lru_cache(maxsize=1)
def _template() -> Template:
    return _environment().get_template("report.html.j2")


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    env = Environment(
        loader=PackageLoader("perpscope.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "percent": words.percent,
        "bare": words.percent_bare,
        "share": words.share,
        "rate": words.rate,
        "tally": words.count,
        "tiny": words.tiny,
        "day": words.day,
        "minute": words.minute,
        "long_day": words.long_day,
        "duration": words.duration,
        "heat": heat,
        "drawing": Markup,
    }
    env.globals |= {"counted": words.counted, "label": label, "source_text": env.loader and _file}
    return env


def _file(name: str) -> str:
    """Text of a style sheet or script beside the templates."""
    from importlib.resources import files

    return (files("perpscope.reports") / "templates" / name).read_text(encoding="utf-8")
