"""What does one glance at the program's work look like? The board as a picture of its own, for a front page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.errors import NotEnoughData
from perpscope.reports.figures.canvas import standalone
from perpscope.reports.figures.theme import BLACK, PAPER, WIDE, css
from perpscope.reports.figures.today import today
from perpscope.reports.subject import Subject

if TYPE_CHECKING:
    from perpscope.reports.inputs import ReportInputs

_FONT = 'Inter,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'


def board_picture(inputs: ReportInputs) -> str:
    """Draw the current board (annual rates of the last 30 days, by coin and venue) as one SVG file.

    It brings its own paper and follows the reader's light or dark setting; the words of its caption stand inside it.

    Raises
    ------
    NotEnoughData
        When no contract has a covered window of 30 days.
    """
    subject = Subject.of(inputs)
    drawn = today(subject) if subject else None
    if drawn is None:
        raise NotEnoughData("a picture of the board", "no contract has 30 covered days", "Give it a longer history.")
    style = (
        f":root{{{css(PAPER)}}}@media (prefers-color-scheme:dark){{:root{{{css(BLACK)}}}}}"
        f"text{{font-family:{_FONT}}}.page{{fill:var(--paper)}}.title{{fill:var(--ink);font-size:19px;font-weight:700}}"
        ".facts{fill:var(--muted);font-size:11px}"
    )
    return standalone(drawn.wide, style, WIDE.width, title=drawn.title, facts=drawn.caption.facts)
