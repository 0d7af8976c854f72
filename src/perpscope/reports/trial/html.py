"""How do all claims become one page? One HTML text that loads nothing, for screen, phone and paper, in one of two languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from perpscope.claims.model import VERDICTS, Figure, Grid, Reproduction
from perpscope.reports import words
from perpscope.reports.theme import BLACK, PAPER, css
from perpscope.reports.trial.chart import Drawing, draw
from perpscope.reports.trial.numbers import cell, found_number
from perpscope.reports.trial.wording import Language, Wording

if TYPE_CHECKING:
    from jinja2 import Environment, Template

MARKS = {"holds": "✓", "holds with changes": "≈", "fails": "✗", "cannot be tested": "?"}
"""A sign for each verdict, so that colour is never the only difference."""
SHOWN = 12
"""Numbers of a claim that stand open; the others fold away."""


@dataclass(frozen=True, slots=True)
class Number:
    """One row of a claim's numbers, written; `exact` is the value itself."""

    name: str
    stated: str
    found: str
    interval: str
    exact: str


@dataclass(frozen=True, slots=True)
class Plate:
    """One figure of a claim: its drawing and its words."""

    key: str
    title: str
    note: str
    mark: str
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a claim, written; beside each text, whether its column holds numbers."""

    title: str
    note: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[tuple[str, bool], ...], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One claim as the page shows it."""

    id: str
    kind: str
    verdict: str
    sign: str
    told: str
    sentence: str
    lead: str
    why: str
    rebuilt: str
    numbers: tuple[Number, ...]
    plates: tuple[Plate, ...]
    sheets: tuple[Sheet, ...]
    facts: tuple[tuple[str, str], ...]


def trial_page(found: Sequence[Reproduction], language: Language, made_by: str) -> str:
    """Write the report of claims as one self-contained HTML text; pure, the caller writes the file.

    Parameters
    ----------
    found : claims and what came of them, in the order shown. language : "en" or "zh". made_by : name and version of the program.
    """
    say = Wording(language)
    entries = [_entry(one, say) for one in found]
    tally = Counter(one.verdict for one in found)
    windows = [one.window for one in found if one.window is not None]
    made = {"made_by": made_by}
    if windows:
        made |= {"first": words.day(min(w[0] for w in windows)), "last": words.day(max(w[1] for w in windows))}
    return say.set(
        _template().render(
            say=say,
            light=css(PAPER),
            dark=css(BLACK),
            made=say("made" if windows else "made_without", **made),
            tally=[(MARKS[v], say("verdict", v), v.split()[0] + ("-changed" if "changes" in v else ""), tally[v]) for v in VERDICTS],
            articles=[(say("article", letter), [e for e in entries if e.id[0] == letter]) for letter in ("F", "A", "C")],
            entries=entries,
            synthetic=any(_synthetic(one) for one in found),
            shown=SHOWN,
        )
    )


def _entry(one: Reproduction, say: Wording) -> Entry:
    claim = one.claim
    return Entry(
        id=claim.id,
        kind=say("kind", claim.kind),
        verdict=one.verdict.split()[0] + ("-changed" if "changes" in one.verdict else ""),
        sign=MARKS[one.verdict],
        told=say("verdict", one.verdict),
        sentence=say.of(claim.sentence),
        lead=say.of(one.lead),
        why=say.of(one.why).removeprefix(say.of(one.lead)).strip(),
        rebuilt=say("rebuilt", figure=claim.figure.lstrip("Ff")) if claim.figure else "",
        numbers=_numbers(one, say),
        plates=tuple(_plate(one, figure, say) for figure in one.figures),
        sheets=tuple(_sheet(grid, say) for grid in one.grids),
        facts=_facts(one, say),
    )


def _numbers(one: Reproduction, say: Wording) -> tuple[Number, ...]:
    """Put what the article states first, then what else was found."""
    stated, found = one.claim.stated, one.found
    names = [*(name for name in stated), *(name for name in found if name not in stated)]
    rows = []
    for name in names:
        low_high = one.intervals.get(name)
        form = one.claim.formats.get(name, "")
        interval = "" if low_high is None else f"[{', '.join(found_number(name, end, form) for end in low_high)}]"
        rows.append(
            Number(
                say.of(one.claim.label(name)),
                found_number(name, stated.get(name), form) if name in stated else "",
                found_number(name, found.get(name), form) if name in found else words.NONE,
                interval,
                repr(found[name]) if name in found else "",
            )
        )
    return tuple(rows)


def _plate(one: Reproduction, figure: Figure, say: Wording) -> Plate:
    key = words.slug(f"{one.claim.id}-{figure.key}")
    mark = say.of(figure.marked) if figure.marked else ""
    return Plate(key, say.of(figure.title), say.of(figure.note), mark, draw(figure, key, say, synthetic=_synthetic(one)))


def _sheet(grid: Grid, say: Wording) -> Sheet:
    forms = grid.formats or ("",) * len(grid.columns)
    counted = [any(isinstance(row[k], int | float) for row in grid.rows) for k in range(len(grid.columns))]
    rows = tuple(tuple(zip((cell(v, f, say) for v, f in zip(row, forms, strict=True)), counted, strict=True)) for row in grid.rows)
    return Sheet(say.of(grid.title), say.of(grid.note), tuple(zip(map(say.of, grid.columns), counted, strict=True)), rows)


def _facts(one: Reproduction, say: Wording) -> tuple[tuple[str, str], ...]:
    """Tell what the answer rests on, and how to get it again."""
    claim, proof = one.claim, one.certificate
    rows: list[tuple[str, str]] = []
    if one.n:
        rows.append((say("fact", "n"), words.count(one.n)))
    if one.window:
        rows.append((say("fact", "window"), " – ".join(words.day(ms) for ms in one.window)))  # noqa: RUF001 - an en dash between two days
    if proof is not None:
        parts = proof.get("parts", proof.get("tables", []))
        missing = sum(part.get("missing") or 0 for part in parts)
        names = sorted({source["name"] for part in parts for source in part.get("sources", [])})
        rows.append((say("fact", "rows"), words.count(int(proof["rows"]))))
        rows.append((say("fact", "missing"), words.count(missing)))
        rows.append((say("fact", "sources"), ", ".join(names)))
        rows.append((say("fact", "digest"), str(proof["digest"])[:16]))
    elif one.verdict != "cannot be tested":
        rows.append((say("evidence"), say("fact", "none")))
    rows.append((say("fact", "source"), say.of(claim.source)))
    rows.append((say("fact", "tolerance"), say.of(claim.tolerance)))
    rows.append((say("fact", "command"), f"./run claims run {claim.id} --format json"))
    return tuple(rows)


def _synthetic(one: Reproduction) -> bool:
    """Whether generated data was used: simulated venues, or a source that says so."""
    parts = (one.certificate or {}).get("parts", [])
    return any(str(part.get("who", {}).get("venue", "")).startswith("sim:") for part in parts)


@lru_cache(maxsize=1)
def _template() -> Template:
    return _environment().get_template("trial.html.j2")


def _environment() -> Environment:
    from importlib.resources import files

    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def source_text(name: str) -> str:
        return (files("perpscope.reports") / "templates" / name).read_text(encoding="utf-8")

    env = Environment(
        loader=PackageLoader("perpscope.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["drawing"] = Markup
    env.globals["source_text"] = source_text
    return env
