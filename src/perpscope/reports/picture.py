"""What does one glance at the program's work look like? The board as a picture of its own, for a front page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.errors import NotEnoughData
from perpscope.reports.figures.canvas import standalone
from perpscope.reports.figures.history import history
from perpscope.reports.figures.today import today
from perpscope.reports.subject import Subject
from perpscope.reports.theme import BLACK, PAPER, WIDE, css

if TYPE_CHECKING:
    from perpscope.reports.inputs import ReportInputs

_FONT = 'Inter,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'


def board_picture(inputs: ReportInputs) -> str:
    """Draw the board and the history of its first coin as one SVG file.

    It brings its own paper and follows the reader's light or dark setting; titles and captions stand inside it.

    Raises
    ------
    NotEnoughData
        When no contract has a covered window of 30 days.
    """
    subject = Subject.of(inputs)
    board = today(subject) if subject else None
    if subject is None or board is None:
        raise NotEnoughData("a picture of the board", "no contract has 30 covered days", "Give it a longer history.")
    long_ago = history(subject, subject.board["coin"][0])
    parts = [(part.title, part.wide, part.caption.facts) for part in (board, long_ago) if part is not None]
    style = (
        f":root{{{css(PAPER)}}}@media (prefers-color-scheme:dark){{:root{{{css(BLACK)}}}}}"
        f"text{{font-family:{_FONT}}}.page{{fill:var(--paper)}}.title{{fill:var(--ink);font-size:19px;font-weight:700}}"
        ".facts{fill:var(--muted);font-size:11.5px}"
    )
    return standalone(parts, style, WIDE.width)
