"""What did the search for a fitting rule find, and on what evidence?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Between:
    """Where a change may lie: after `after` and at the latest at `by` (ISO times of slots), `best` the likeliest first slot of the new."""

    after: str
    by: str
    best: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a history and the rule that fits it best.

    Parameters
    ----------
    start, end : ISO times of the first and last slot. rows, matches : fixings, and those the rule gives within their tolerance.
    rule : the rule's parts and numbers. words : the same as a sentence.
    residuals : quantiles of |published - computed| (50, 90, 99 %, largest), fractions per interval.
    runner_up, runner_up_matches : the best rule that gives other rates here.
    tied : rules that give the very same rates here and cannot be told apart.
    began : where the change to this rule may lie; None for the first segment.
    """

    start: str
    end: str
    rows: int
    matches: int
    rule: dict[str, Any]
    words: str
    residuals: dict[str, float]
    runner_up: str
    runner_up_matches: int
    tied: tuple[str, ...] = ()
    began: Between | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing published rates alone show over one stretch.

    Parameters
    ----------
    feature : interval, decimals, interest atom, upper limit, lower limit, largest step, lag. value : number, None where there is none.
    start, end : ISO times. rows, hits : fixings, and those that show it. detail : figures. began : where the change to it may lie.
    """

    feature: str
    value: float | None
    start: str
    end: str
    rows: int
    hits: int
    detail: str = ""
    began: Between | None = None


@dataclass(frozen=True, slots=True)
class Inference:
    """The answer of the search.

    Parameters
    ----------
    basis : what the rules were tried on. candidates : different rules tried. penalty : cost of a change of rule, nats, and its reason.
    segments : the rules found; empty where there were no inputs, then `note` says so. seen : what the rates alone show.
    """

    basis: str
    candidates: int
    penalty: float
    penalty_reason: str
    segments: tuple[Segment, ...]
    seen: tuple[Seen, ...]
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values, for JSON."""
        return asdict(self)
