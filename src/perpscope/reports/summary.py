"""What does the data say, in a few sentences? Each is made from numbers of this report and from nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.analysis.coverage import gaps
from perpscope.analysis.series import SERIES
from perpscope.reports import words

if TYPE_CHECKING:
    from perpscope.reports.inputs import ReportInputs
    from perpscope.reports.subject import Subject

DAYS = 30


def summary(subject: Subject, inputs: ReportInputs) -> list[str]:
    """Tell what the report holds in four to seven sentences, the most useful first."""
    told = (
        _synthetic(subject),
        _held(subject),
        _dearest(subject),
        _spread(subject),
        _atoms(subject),
        _audits(inputs),
        _doubts(subject, inputs),
    )
    return [sentence.replace("'", "\u2019") for sentence in told if sentence]


def _synthetic(subject: Subject) -> str:
    board = subject.board
    made = int(board["synthetic"].sum())
    if not made:
        return ""
    if made == len(board):
        return (
            f"SYNTHETIC: all {words.counted(made, 'contract')} shown are generated, not from any market. Import real histories to see one."
        )
    return f"SYNTHETIC: {made} of {len(board)} contracts are generated, not from any market; each is marked."


def _held(subject: Subject) -> str:
    board = subject.board
    return (
        f"The store holds {words.counted(int(board['n'].sum()), 'published fixing')} of {words.counted(len(board), 'contract')} "
        f"on {words.counted(board['venue'].n_unique(), 'venue')}, from {words.long_day(subject.start)} to {words.long_day(subject.end)}."
    )


def _dearest(subject: Subject) -> str:
    import polars as pl

    apr = f"apr_{DAYS}d"
    now = subject.board.filter("current", pl.col(apr).is_not_null()).sort(apr)
    if now.is_empty():
        return f"No contract has a covered {DAYS}-day window up to {words.long_day(subject.end)}."
    low, high = now.row(0, named=True), now.row(-1, named=True)
    if len(now) == 1:
        return f"Over the {DAYS} days to its last stamp, longs on {high['label']} paid {words.percent(high[apr])} a year."
    middle = now[apr].median()
    side = "paid" if low[apr] >= 0 else "were paid"
    word = "least" if low[apr] >= 0 else "most"
    return (
        f"Over the last {DAYS} days longs paid most on {high['label']}, {words.percent(high[apr])} a year, and {side} {word} on "
        f"{low['label']}, {words.percent(abs(low[apr]))}; the median of {words.counted(len(now), 'current contract')} is "
        f"{words.percent(float(middle))}."  # type: ignore[arg-type]  # not empty, so a number
    )


def _spread(subject: Subject) -> str:
    import polars as pl

    coins = subject.board.filter(pl.col("coin_until") >= subject.recent).unique("coin", maintain_order=True)
    if coins.is_empty():
        return ""
    first = coins.row(0, named=True)
    widest = coins.sort("coin_spread_apr").row(-1, named=True)
    told = (
        f"On {first['coin']} the dearest and the cheapest of {first['coin_contracts']} contracts were on average "
        f"{words.percent(first['coin_spread_apr'], 1)} a year apart"
    )
    if widest["coin"] == first["coin"]:
        return f"{told}."
    return f"{told}; the widest coin was {widest['coin']} with {words.percent(widest['coin_spread_apr'], 1)}."


def _atoms(subject: Subject) -> str:
    import polars as pl

    known = subject.board.filter(pl.col("interest_hits").is_not_null())
    if known.is_empty():
        return ""
    hits, judged = int(known["interest_hits"].sum()), int(known["interest_n"].sum())
    seen = int((known["interest_from"] != "rule").sum())
    how = (
        ""
        if not seen
        else " (read off the histories, no rule being given)"
        if seen == len(known)
        else f" (for {seen} read off the history where no rule is given)"
    )
    limits = subject.board.filter(pl.col("cap_hits").is_not_null())
    capped = int((limits["cap_hits"] + limits["floor_hits"]).sum()) if len(limits) else 0
    at_limit = f" {words.counted(capped, 'fixing')} sat at a limit." if capped else ""
    return (
        f"{words.share(hits / judged)} of the fixings of {words.counted(len(known), 'contract')} sat exactly on their interest term{how}."
        + at_limit
    )


def _audits(inputs: ReportInputs) -> str:
    if not inputs.audits:
        return "No rate was recomputed for this report."
    rows, done, matched = (sum(getattr(audit, name) for audit in inputs.audits) for name in ("rows", "recomputed", "matched"))
    if not done:
        return f"None of the {words.count(rows)} audited fixings could be recomputed: their inputs are not at hand."
    worst = max((audit.max_abs_error for audit in inputs.audits if audit.max_abs_error is not None), default=None)
    verdict = "all of them matched" if matched == done else f"{words.count(matched)} matched and {words.count(done - matched)} did not"
    return (
        f"Of {words.counted(rows, 'audited fixing')}, {words.count(done)} could be recomputed by the venue's own rule and {verdict}"
        + (f" (largest difference {words.tiny(worst)} per interval)" if worst is not None else "")
        + f"; for {words.count(rows - done)} the inputs are not at hand."
    )


def _doubts(subject: Subject, inputs: ReportInputs) -> str:
    holes = gaps(subject.rows)
    old = int((~subject.board["current"]).sum())
    parts = []
    if len(holes):
        contracts = holes.select(SERIES).n_unique()
        missing = words.duration(float(holes["missing_hours"].sum()))
        histories = "one history" if contracts == 1 else f"{contracts} histories"
        parts.append(f"{words.counted(len(holes), 'gap')} in {histories} ({missing} in all)")
    if inputs.problems:
        parts.append(f"{words.counted(len(inputs.problems), 'finding')} of the data check")
    if old:
        whose = "its" if old == 1 else "their"
        parts.append(f"{words.counted(old, 'contract')} whose history ends before the others, shown as of {whose} own last stamp")
    return f"Mind {words.listing(parts)}." if parts else ""
