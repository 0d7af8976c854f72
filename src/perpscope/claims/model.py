"""What is a claim, what is its reproduction, and how is a figure told without drawing it?

A figure or a table here is data: titles and labels in both languages, numbers in natural units. Who draws it, and how,
is another room's business.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from perpscope.errors import InputError
from perpscope.market.time import to_text

Kind = Literal["identity", "data", "mechanism", "theory", "story"]
Verdict = Literal["holds", "holds with changes", "fails", "cannot be tested"]
AxisKind = Literal["time", "number", "percent", "bp", "money", "category"]
Drawn = Literal["line", "points", "bars", "steps", "band"]
Perturbation = Literal["scale", "shift", "drop"]

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
COLOURS = 8
MOST_POINTS = 600
"""Points of a line; more cannot be told apart on paper."""


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in English and in Chinese.

    Examples
    --------
    >>> Text.same("BTC").zh
    'BTC'
    """

    en: str
    zh: str

    @classmethod
    def same(cls, text: str) -> Text:
        """Words that both languages share: a name, a symbol."""
        return cls(text, text)

    @classmethod
    def joined(cls, parts: Sequence[Text]) -> Text:
        """One paragraph of several sentences; Chinese needs no space between them."""
        return cls(" ".join(part.en.strip() for part in parts), "".join(part.zh.strip() for part in parts))

    @classmethod
    def listed(cls, parts: Iterable[Text | str], apart: tuple[str, str] = (", ", "、")) -> Text:
        """One list in a sentence, with the marks between its members that each language uses; "none" where it is empty.

        Examples
        --------
        >>> Text.listed(["BTC", Text("gold", "黄金")]).zh, Text.listed([]).en
        ('BTC、黄金', 'none')
        """
        each = [part if isinstance(part, Text) else cls.same(part) for part in parts]
        return cls(apart[0].join(part.en for part in each), apart[1].join(part.zh for part in each)) if each else NONE

    def of(self, language: str) -> str:
        """Words in a language, "en" or "zh"."""
        return self.zh if language == "zh" else self.en


NONE = Text("none", "无")


def stride(n: int, most: int = MOST_POINTS) -> int:
    """Return k where drawing one point in k of n makes no more than `most`.

    Examples
    --------
    >>> stride(600), stride(1000)
    (1, 2)
    """
    return max(1, -(-n // most))


@dataclass(frozen=True, slots=True)
class Axis:
    """What one direction of a figure counts.

    Parameters
    ----------
    label : what is shown. kind : how its numbers are written; "percent" and "bp" take fractions, "time" takes ms UTC, "category"
    takes places 0, 1, … among the categories of the figure. log : logarithmic.
    """

    label: Text
    kind: AxisKind = "number"
    log: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """Points that belong together.

    Parameters
    ----------
    label : name in the legend. x, y : (n,) numbers in the units of the axes; NaN breaks a line.
    kind : how it is drawn; a "band" fills between `low` and `high`, elsewhere these are whiskers.
    colour : one of eight, the same for the same thing in every figure; None takes the next.
    """

    label: Text
    x: tuple[float, ...]
    y: tuple[float, ...]
    kind: Drawn = "line"
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    colour: int | None = None

    def __post_init__(self) -> None:
        """Refuse lengths that differ and colours that are none."""
        lengths = {len(self.x), len(self.y)} | {len(each) for each in (self.low, self.high) if each}
        if len(lengths) != 1 or bool(self.low) != bool(self.high):
            raise InputError(f"the series {self.label.en!r}", f"lengths {sorted(lengths)}", "Give one y, low and high for each x.")
        if self.kind == "band" and not self.low:
            raise InputError(f"the band {self.label.en!r}", "no edges", "Give low and high.")
        if self.colour is not None and not 0 <= self.colour < COLOURS:
            raise InputError(f"the series {self.label.en!r}", f"the colour {self.colour}", f"Give 0 to {COLOURS - 1}.")


@dataclass(frozen=True, slots=True)
class Figure:
    """One drawing of a claim.

    Parameters
    ----------
    key : name, unique in the claim. title : what is seen. x, y : the axes. series : what is drawn.
    categories : names of the places of a category axis. lines : horizontal references, value and name.
    note : caption: data, window, n and caveats. marked : the words of a mark laid over a figure that lacks a part.
    """

    key: str
    title: Text
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    categories: tuple[Text, ...] = ()
    lines: tuple[tuple[float, Text], ...] = ()
    note: Text = field(default_factory=lambda: Text("", ""))
    marked: Text | None = None


Cell: TypeAlias = Text | str | float | int | None


@dataclass(frozen=True, slots=True)
class Grid:
    """One table of a claim.

    Parameters
    ----------
    title, columns : what the columns hold. rows : one cell a column.
    formats : a format a column for its numbers, as in format(); "" writes a number as it is.
    """

    title: Text
    columns: tuple[Text, ...]
    rows: tuple[tuple[Cell, ...], ...]
    formats: tuple[str, ...] = ()
    note: Text = field(default_factory=lambda: Text("", ""))

    def __post_init__(self) -> None:
        """Refuse rows that do not fit the columns."""
        wrong = [row for row in self.rows if len(row) != len(self.columns)]
        if wrong or (self.formats and len(self.formats) != len(self.columns)):
            raise InputError(f"the table {self.title.en!r}", "rows or formats that do not fit its columns", "Give one cell a column.")


@dataclass(frozen=True, slots=True)
class Unmoved:
    """Found numbers that an input cannot move, and why."""

    names: tuple[str, ...]
    why: Text


@dataclass(frozen=True, slots=True)
class Claim:
    """One checkable statement of an article.

    Parameters
    ----------
    id, kind : F, A or C and two digits; what sort of statement. function : module and function inside this room.
    sentence : the claim in our own words. stated : the article's numbers, natural units (fractions).
    source : where it stands. tolerance : how close counts as reproduced, and why. needs : which data it takes.
    figure : of the article, that it rebuilds; "" for none.
    texts, labels : sentences of the answer with places for numbers, and names of numbers, by key.
    unmoved : by perturbation ("all": by any), the found numbers that it cannot move.
    formats : how numbers are written for readers, by name, as in format(); those of no format are written by name and magnitude.
    """

    id: str
    kind: Kind
    function: str
    sentence: Text
    stated: Mapping[str, float]
    source: Text
    tolerance: Text
    needs: Text
    figure: str
    texts: Mapping[str, Text]
    labels: Mapping[str, Text]
    unmoved: Mapping[str, tuple[Unmoved, ...]]
    formats: Mapping[str, str] = field(default_factory=dict)

    def label(self, key: str) -> Text:
        """Name of a number; its key where it has none."""
        return self.labels.get(key, Text.same(key.replace("_", " ")))

    def still(self, perturbation: Perturbation) -> dict[str, Text]:
        """Found numbers that a perturbation cannot move, with the reason."""
        groups = (*self.unmoved.get("all", ()), *self.unmoved.get(perturbation, ()))
        return {name: group.why for group in groups for name in group.names}


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A claim, computed again.

    Parameters
    ----------
    claim, verdict : what was tried, and what came of it. found : numbers in natural units, finite.
    why : one paragraph. n : observations. window : first and last stamp (ms UTC), None without data.
    intervals : 95 % confidence intervals of found numbers. figures, grids : what there is to see.
    certificate : what exactly it was computed from; None without data. broken : whether the computation stopped at a fault of its own.
    lead : the sentence with which `why` opens, the reason of the verdict in plain words; empty where the claim has none.
    """

    claim: Claim
    verdict: Verdict
    found: Mapping[str, float]
    why: Text
    n: int
    window: tuple[int, int] | None
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    grids: tuple[Grid, ...] = ()
    certificate: Mapping[str, Any] | None = None
    broken: bool = False
    lead: Text = field(default_factory=lambda: Text("", ""))

    def __post_init__(self) -> None:
        """Refuse a verdict that is none, and found values that are no numbers."""
        if self.verdict not in VERDICTS:
            raise InputError(f"the verdict of {self.claim.id}", repr(self.verdict), f"Give one of {', '.join(VERDICTS)}.")
        wrong = sorted(name for name, value in self.found.items() if not math.isfinite(value))
        if wrong:
            raise InputError(f"what {self.claim.id} found", f"no number for {', '.join(wrong)}", "Leave out what could not be computed.")

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values, for JSON."""
        claim = self.claim
        return {
            "id": claim.id,
            "kind": claim.kind,
            "verdict": self.verdict,
            "sentence": claim.sentence.en,
            "stated": dict(claim.stated),
            "found": {name: float(value) for name, value in self.found.items()},
            "intervals": {name: [float(low), float(high)] for name, (low, high) in self.intervals.items()},
            "n": int(self.n),
            "window": None if self.window is None else [to_text(int(self.window[0])), to_text(int(self.window[1]))],
            "data": claim.needs.en,
            "tolerance": claim.tolerance.en,
            "source": claim.source.en,
            "why": self.why.en,
            "why_zh": self.why.zh,
            "unmoved": {
                by: [{"names": list(group.names), "why": group.why.en} for group in groups] for by, groups in claim.unmoved.items()
            },
            "certificate": None if self.certificate is None else dict(self.certificate),
        }
