"""What is a figure before it meets a page?

A `Picture` is a question, two drawings of the answer (for wide and for narrow screens) and a caption. It cannot be
made without the count, the window and the source of what it shows, and one that shows generated data says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from perpscope.errors import InputError
from perpscope.reports import words

SYNTHETIC = "SYNTHETIC"


@dataclass(frozen=True, slots=True)
class Caption:
    """What a reader must know to trust a figure.

    Parameters
    ----------
    n : number of things drawn from (fixings, unless `of` says otherwise).
    start, end : window, ms.
    source : where the data came from, in words.
    notes : how it was drawn and what was left out, sentences.
    of : what was counted.
    """

    n: int
    start: int
    end: int
    source: str
    notes: str = ""
    of: str = "published fixings"

    def __post_init__(self) -> None:
        """Refuse a figure of nothing, of no time or from nowhere."""
        if self.n <= 0 or self.end < self.start or not self.source:
            raise InputError("a caption", f"n {self.n}, {self.start} to {self.end}, source {self.source!r}", "Leave the figure out.")

    @property
    def facts(self) -> str:
        """Count, window and source in one line."""
        window = f"{words.day(self.start)} to {words.day(self.end)} UTC"
        return f"n = {words.count(self.n)} {self.of} · window {window} · source: {self.source}"


@dataclass(frozen=True, slots=True)
class Picture:
    """One figure.

    Parameters
    ----------
    key : short name, unique on a page.
    question : what the figure answers; its title.
    caption : count, window, source, notes.
    wide, narrow : SVG texts (no external reference, colours as CSS variables).
    alt : what a reader who cannot see it should know.
    synthetic : whether any generated data is in it.
    """

    key: str
    question: str
    caption: Caption
    wide: str
    narrow: str
    alt: str
    synthetic: bool = False

    @property
    def title(self) -> str:
        """The question, marked where the data is generated."""
        return f"{SYNTHETIC}: {self.question}" if self.synthetic else self.question

    @property
    def legend(self) -> str:
        """The caption's words, marked where the data is generated."""
        mark = f"{SYNTHETIC} data, generated and not from any market. " if self.synthetic else ""
        return f"{mark}{self.caption.notes}".strip()
