"""Can an outsider check a published rate, and what does the formula that is quoted everywhere give when one can?

Recomputation by the audit room, row by row, over everything the store holds; and the quoted formula itself, run on the
one history that publishes its averaged premium beside the rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from perpscope.audit.audited import DEPARTS, MATCHED, audited_rows
from perpscope.audit.digits import half_units
from perpscope.audit.eras import eras_of
from perpscope.audit.facts import Facts, series_of
from perpscope.audit.imply.checks import implied
from perpscope.audit.imply.grounds import Grounds
from perpscope.catalogue.load import load_venue
from perpscope.claims.case import Absent
from perpscope.claims.interest import in_force
from perpscope.claims.model import Axis, Figure, Grid, Series, Text
from perpscope.claims.sweep import every_rule, looks_elsewhere
from perpscope.market.number import to_float
from perpscope.market.table import FUNDING, PREMIUM_SAMPLES
from perpscope.market.time import FOREVER

if TYPE_CHECKING:
    import polars as pl

    from perpscope.audit.model import Check
    from perpscope.catalogue.dated import DatedRule
    from perpscope.claims.case import Case
    from perpscope.claims.model import Cell, Reproduction, Verdict

PERIOD, INTEREST, CLAMP = 8.0, 0.0001, 0.0005
"""The quoted formula: hours it is written for, its interest, half width of its clamp."""
WHOLE = 1.0


class _Tally(NamedTuple):
    """One venue: rows, recomputed, matched, largest residual (NaN: none), first and last year, contracts, most frequent reason;
    and of what the rules imply for its longest history, how many checks hold and how many do not.
    """

    venue: str
    contracts: int
    first: int
    last: int
    rows: int
    recomputed: int
    matched: int
    largest: float
    reason: str
    held: int
    broken: int


def f26(case: Case) -> Reproduction:
    """Try to recompute every published rate of the store, venue by venue and year by year.

    Source: article F, the part headed 'trust them'; audit.audited over all contracts.
    """
    import polars as pl

    funding = case.rows(FUNDING)
    rows = audited_rows(case.store, funding=funding)
    longest = _longest(funding)
    tallies = [_tally(part, longest[str(part["venue"][0])]) for part in rows.partition_by("venue", maintain_order=True)]
    checked = [t for t in tallies if t.recomputed]
    recomputed, matched = sum(t.recomputed for t in tallies), sum(t.matched for t in tallies)
    best = max((t.recomputed / t.rows for t in tallies), default=0.0)
    found: dict[str, float] = {
        "rates": float(rows.height),
        "share_recomputed": recomputed / rows.height,
        "venues": float(len(tallies)),
        "venues_with_recomputed_rates": float(len(checked)),
        "largest_share_of_a_venue": best,
        "departing": float(recomputed - matched),
        "checks_that_hold": float(sum(t.held for t in tallies)),
        "checks_that_fail": float(sum(t.broken for t in tallies)),
    }
    if recomputed:
        found["share_matched"] = matched / recomputed
        found["largest_residual"] = max(t.largest for t in checked)
    verdict: Verdict = "holds" if not recomputed else "fails" if recomputed == rows.height else "holds with changes"
    stamps = rows.select(pl.col("slot").dt.epoch("ms").min().alias("a"), pl.col("slot").dt.epoch("ms").max().alias("b")).row(0)
    names = Text.listed(sorted(load_venue(t.venue).name for t in checked))
    why = [
        case.say("why", **found, names=names) if recomputed else case.say("none", **found),
        *([case.say("some", share_left=1 - recomputed / rows.height)] if 0 < recomputed < rows.height else []),
        *([case.say("all")] if recomputed == rows.height else []),
        case.say("caveat", samples=int(case.has(PREMIUM_SAMPLES)), **found),
    ]
    grids = [_by_venue(case, tallies)]
    return case.answer(verdict, found, why=why, n=rows.height, window=stamps, grids=grids)


def _longest(funding: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Settled rates of the contract with most of them, by venue."""
    import polars as pl

    settled = funding.filter(pl.col("kind") == "settled")
    who = ["venue", "market_list", "native_id"]
    counts = settled.group_by(who).len().sort("venue", "len", "native_id", descending=[False, True, False]).unique("venue", keep="first")
    parts = settled.join(counts.select(who), on=who, how="semi").partition_by("venue", as_dict=True)
    return {str(venue): part for (venue,), part in parts.items()}


def _tally(part: pl.DataFrame, longest: pl.DataFrame) -> _Tally:
    import polars as pl

    tried = part.filter(pl.col("status").is_in([MATCHED, DEPARTS]))
    rest = part.filter(pl.col("reason") != "")["reason"]
    reason = str(rest.value_counts().sort("count", "reason", descending=[True, False])["reason"][0]) if len(rest) else ""
    years = part["slot"].dt.year()
    checks = _implied(longest)
    return _Tally(
        venue=str(part["venue"][0]),
        contracts=part.select("market_list", "native_id").n_unique(),
        first=int(str(years.min())),
        last=int(str(years.max())),
        rows=part.height,
        recomputed=tried.height,
        matched=int((tried["status"] == MATCHED).sum()),
        largest=float(str(tried["residual"].abs().max())) if tried.height else float("nan"),
        reason=reason,
        held=sum(check.holds is True for check in checks),
        broken=sum(check.holds is False for check in checks),
    )


def _implied(longest: pl.DataFrame) -> tuple[Check, ...]:
    """Try what the rules imply (caps, rest at the interest, digits, stamps) on one contract's published rates alone."""
    facts = Facts(longest)
    subject, venue = facts.subject(), load_venue(str(longest["venue"][0]))
    series = series_of(longest)
    return implied(Grounds(venue, subject, series, eras_of(venue, subject, series), half_units(series.rate, series.source)))


def _by_venue(case: Case, tallies: list[_Tally]) -> Grid:
    lines: list[tuple[Cell, ...]] = []
    for t in sorted(tallies, key=lambda each: (-each.recomputed / each.rows, each.venue)):
        largest = t.largest if t.recomputed else None
        years = Text.same(str(t.first) if t.first == t.last else f"{t.first}-{t.last}")
        name = Text.same(load_venue(t.venue).name)
        reason = case.label(_REASONS.get(t.reason, "reason_other")) if t.reason else Text.same("")
        checks = Text.same(f"{t.held} / {t.broken}")
        lines.append((name, t.contracts, years, t.rows, t.recomputed / t.rows, t.matched, largest, checks, reason))
    columns = ("venue", "contracts", "years", "column_rates", "share_recomputed", "matched", "column_residual", "checks", "reason")
    formats = ("", ",", "", ",", ".1%", ",", ".1e", "", "")
    return Grid(case.label("grid"), tuple(case.label(name) for name in columns), tuple(lines), formats, case.say("grid_note"))


_REASONS = {
    "no averaged premium in the row, and no samples or books of its window": "reason_no_input",
    "no rule in the catalogue for this contract and date": "reason_no_rule",
    "inputs cover only part of the window: partial, never matched": "reason_partial",
    "the rule is disputed: every reading is shown, none gates": "reason_disputed",
    "which rule was in force is not established at this date: shown, gates nothing": "reason_undated",
}
"""Reasons of `audit.recompute`, as the table names them."""


def a01(case: Case) -> Reproduction:
    """Run the quoted formula on every hour of which the averaged premium is published, and look for it among the rules on record.

    Source: article A, the formula and its premium index; the catalogue's rules.
    """
    family = _family()
    found: dict[str, float] = {
        "rules_with_premiums": float(sum(not looks_elsewhere(dated) for dated in every_rule())),
        "rules_of_the_formula": float(len(family)),
        "of_them_with_impact_prices": float(sum(_at_impact_prices(dated) for dated in family)),
        "of_them_averaged": float(sum(_averaged(dated) for dated in family)),
        "of_them_without_outer_limits": float(sum("cap" not in dated.parts["formula"] for dated in family)),
        "named_venues_by_it_now": float(sum(_as_told(in_force(venue)) for venue in _NAMED)),
        "named_venues_by_it_always": float(sum(_always(venue) for venue in _NAMED)),
    }
    try:
        exact = _exact(case)
    except Absent:
        return case.answer("cannot be tested", found, why=[case.say("rules", **found), case.say("unseen")])
    found |= exact.found
    whole = exact.found["exact"] == exact.found["hours"]
    now = found["named_venues_by_it_now"]
    verdict: Verdict = "fails" if not whole or not now else "holds" if now == len(_NAMED) else "holds with changes"
    why = [case.say("why", **found), case.say("rules", **found)]
    return case.answer(verdict, found, why=why, n=int(exact.found["hours"]), window=exact.window, figures=[exact.figure])


_NAMED = ("binanceusdm", "okx")
"""Venues the article names as users of the formula."""


def _word(dated: DatedRule, part: str, name: str) -> str:
    value = dated.parts[part].get(name)
    return value.text if value is not None and value.known else ""


def _family() -> list[DatedRule]:
    """Rules that pull the premium to an interest by at most 0.05 %, in the average or in each sample."""
    return [dated for dated in every_rule() if _pulls(dated)]


def _pulls(dated: DatedRule) -> bool:
    for part in ("formula", "each"):
        damper = dated.parts[part].get("damper")
        if damper is not None and damper.known and not damper.names and to_float(damper.number({})) == CLAMP:
            return _word(dated, "formula", "combine") in ("", "pull")
    return False


def _at_impact_prices(dated: DatedRule) -> bool:
    return _word(dated, "observe", "kind").startswith("impact")


def _averaged(dated: DatedRule) -> bool:
    return _word(dated, "reduce", "kind") not in ("", "last")


def _as_told(dated: DatedRule) -> bool:
    """Whether a rule is the sentence's: its pull, its prices, its average."""
    return _pulls(dated) and _at_impact_prices(dated) and _averaged(dated)


def _always(venue: str) -> bool:
    """Whether all dated rules of a venue are of the family, from its first to now."""
    rules = [dated for dated in load_venue(venue).rules if dated.since < FOREVER]
    return bool(rules) and all(_pulls(dated) for dated in rules)


class _Exact(NamedTuple):
    """The formula on published premiums: numbers, window and drawing."""

    found: dict[str, float]
    window: tuple[int, int]
    figure: Figure


def _exact(case: Case) -> _Exact:
    """Compute every hour by the quoted formula, an eighth of it, within half a unit of the last published digits."""
    import numpy as np
    import polars as pl

    rows = case.rows(FUNDING, venue="hyperliquid", kind="settled", market_list="").filter(pl.col("premium_frac").is_not_null()).sort("slot")
    if rows.is_empty():
        raise Absent(Text("averaged premiums beside rates", "与费率并列的平均溢价"))
    premium, rate, hours = (rows[name].to_numpy() for name in ("premium_frac", "funding_rate", "interval_hours"))
    computed = (premium + np.clip(INTEREST - premium, -CLAMP, CLAMP)) * hours / PERIOD
    residual = np.abs(rate - computed)
    allowed = half_units(rate) + half_units(premium) * hours / PERIOD + 2.0**-50 * np.abs(rate)
    inside = np.abs(premium - INTEREST) <= CLAMP
    stamps = rows.select(pl.col("slot").dt.epoch("ms"))["slot"]
    found = {
        "hours": float(rows.height),
        "exact": float((residual <= allowed).sum()),
        "largest_residual": float(residual.max()),
        "allowed": float(allowed.max()),
        "share_inside_the_clamp": float(inside.mean()),
        "share_at_an_eighth_of_the_interest": float(np.mean(np.abs(rate - INTEREST * hours / PERIOD) <= half_units(rate))),
        "largest_rate": float(rate.max()),
        "smallest_rate": float(rate.min()),
    }
    return _Exact(found, (int(stamps[0]), int(stamps[-1])), _drawn(case, premium, rate / hours * PERIOD))


def _drawn(case: Case, premium: Any, rate: Any) -> Figure:  # noqa: ANN401 - arrays
    """Draw published rate over published premium: quantiles of the premium, so that the ends are seen."""
    import numpy as np

    order = np.argsort(premium, kind="stable")
    chosen = np.unique(np.concatenate([np.linspace(0, len(order) - 1, 400).astype(int), np.arange(min(40, len(order)))]))
    x = tuple(float(v) for v in premium[order][chosen])
    y = tuple(float(v) for v in rate[order][chosen])
    line = (x[0], INTEREST - CLAMP, INTEREST + CLAMP, x[-1])
    curve = tuple(p + min(max(INTEREST - p, -CLAMP), CLAMP) for p in line)
    return Figure(
        key="formula",
        title=case.label("figure"),
        x=Axis(case.label("premium"), "percent"),
        y=Axis(case.label("rate"), "percent"),
        series=(Series(case.label("formula"), line, curve, colour=0), Series(case.label("published"), x, y, kind="points", colour=1)),
        note=case.say("note", n=len(premium), shown=len(x)),
    )
