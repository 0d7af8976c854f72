"""Which allocation do the words of a command line ask for?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perpscope.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from perpscope.cli.carry.allocate_options import AimWords, CandidateWords, LimitWords
    from perpscope.cli.carry.given_costs import CostWords
    from perpscope.cli.place import Place
    from perpscope.runs.allocate import Question
    from perpscope.runs.contracts import Margins
    from perpscope.runs.leg_terms import LegTerms
    from perpscope.store import Store
    from perpscope.trading.allocation.limits import Limits
    from perpscope.trading.allocation.rows import Terms

"""Leverage of a scan's legs where nobody says another; assumed, and said by the scan."""
_ROWS = "Give a list of rows as `carry scan --format json` prints it, or an object with such a list under candidates."


def limits_of(words: LimitWords) -> Limits:
    """Build the limits."""
    from perpscope.cli.amounts import number_of
    from perpscope.trading.allocation.limits import Limits

    venues = _venues(words.venue_limit)
    return Limits(
        float(number_of("--capital", words.capital)),
        venues.pop("", None),
        venues,
        float(number_of("--notional-limit", words.notional_limit)) if words.notional_limit else None,
        _maybe("--coin-limit", words.coin_limit),
        _maybe("--together-limit", words.together_limit),
        words.correlation,
        _maybe("--sd-limit", words.sd_limit),
        float(number_of("--least", words.least)),
    )


def _venues(texts: Iterable[str]) -> dict[str, float]:
    from perpscope.audit.which import venue_named
    from perpscope.cli.amounts import share_of

    found = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        found[venue_named(name) if equals else ""] = float(share_of("--venue-limit", value))
    return found


def _maybe(what: str, text: str) -> float | None:
    from perpscope.cli.amounts import share_of

    return float(share_of(what, text)) if text else None


def terms_of(words: AimWords) -> Terms:
    """Build what is said of all candidates; what capital would earn elsewhere is among the costs."""
    from perpscope.cli.amounts import number_of
    from perpscope.trading.allocation.rows import Terms

    leverage = number_of("--leverage", words.leverage.lower().removesuffix("x")) if words.leverage else None
    buffer = _maybe("--buffer", words.buffer) or 0.0
    return Terms(None if leverage is None else float(leverage), buffer, _maybe("--stress", words.stress))


def margins_of(words: AimWords) -> Margins:
    """Read maintenance rates: 0.5% for every leg, VENUE:SYMBOL=0.5% for one."""
    from perpscope.cli.amounts import share_of
    from perpscope.runs.contracts import Margins

    found = {}
    for text in words.maintenance:
        name, equals, rate = text.rpartition("=")
        found[name.strip() if equals else ""] = share_of("--maintenance", rate)
    return Margins(found)


def rows_of(file: Path, found: object) -> list[Mapping[str, Any]]:
    """Return the rows that a file holds.

    Parameters
    ----------
    file : its name, for the reader. found : what it holds.

    Raises
    ------
    InputError
        When it holds none.
    """
    if isinstance(found, dict):
        found = found.get("candidates", found.get("rows"))
    if not isinstance(found, list) or not found or not all(isinstance(row, dict) for row in found):
        raise InputError(f"the candidates of {file}", "no rows of a scan", _ROWS)
    return found


def covariance_of(words: CandidateWords, beside: object = None) -> npt.NDArray[np.float64] | None:
    """Read a covariance, from a file of its own or from what stands beside the candidates; None where nobody states one."""
    import numpy as np

    told = beside
    if words.covariance is not None:
        told = _loaded(words.covariance)
        told = {"covariance": told} if isinstance(told, list) else told
    told = told.get("covariance") if isinstance(told, dict) else None
    if told is None:
        return None
    try:
        return np.array(told, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("a covariance of trades", "no table of numbers", "Give a list of rows of equal length.") from None


def _loaded(file: Path) -> Any:  # noqa: ANN401 - whatever JSON can hold
    from perpscope.cli.files import text_of

    try:
        return json.loads(text_of(file))
    except json.JSONDecodeError as problem:
        raise InputError(f"the file {file}", f"it is no JSON ({problem})", _ROWS) from None


def moment_of(words: CandidateWords, rows: Sequence[Mapping[str, Any]], now: int) -> int:
    """Moment of a plan among stated rows (ms UTC): as asked, else that which most rows tell, the latest of several, else now."""
    from perpscope.catalogue.overview import moment_of as asked
    from perpscope.market.time import day_ms

    told = Counter(at for row in rows if isinstance(at := row.get("at"), str))
    return asked(words.at, now) if words.at or not told else day_ms(max(told, key=lambda at: (told[at], at)))


def best_of(rows: Sequence[Mapping[str, Any]], top: int) -> list[int]:
    """Places of the best by net APR on capital, as a scan ranks them; those whose net is not known come last.

    Raises
    ------
    InputError
        When none is to be kept.
    """
    if top < 1:
        raise InputError("the best of a scan", f"the first {top}", "Give --top 1 or more.")
    worth = [row.get("net_apr_capital") for row in rows]
    return sorted(range(len(rows)), key=lambda place: (worth[place] is None, -(worth[place] or 0.0)))[:top]


@dataclass(frozen=True, slots=True)
class Words:
    """All that was said."""

    limits: LimitWords
    aim: AimWords
    among: CandidateWords
    costs: CostWords
    books: bool
    strict: bool


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """Rows, the question about them, the store that tells how they move together, and reasons why others have no net."""

    rows: Sequence[Mapping[str, Any]]
    question: Question
    store: Store | None
    unknown: Mapping[str, int]


def stated(words: Words, place: Place, now: int) -> Stated:
    """Build the question: on the rows of a file where there is one, else on the best of a scan."""
    if words.among.candidates is None:
        return _from_scan(words, place)
    _refuse_scanning(words.among)
    return _from_file(words, words.among.candidates, place, now)


def _refuse_scanning(words: CandidateWords) -> None:
    """Refuse words about a scan beside the rows of a file, which would be passed over."""
    said = {"--symbol": words.symbol, "--venue": words.venue, "--kind": words.kind, "--window": words.window != type(words)().window}
    wrong = [option for option, value in said.items() if value]
    if wrong:
        raise InputError(
            "the candidates", f"{', '.join(wrong)} beside --candidates", "Leave them out, or choose the rows with `carry scan`."
        )


def _from_scan(words: Words, place: Place) -> Stated:
    from perpscope.cli.carry.given_costs import rows_of as cost_rows
    from perpscope.cli.carry.legs import SCANNED_LEVERAGE
    from perpscope.cli.carry.scan_question import venue_of
    from perpscope.cli.carry.tiers import tiers_of
    from perpscope.market.time import day_ms
    from perpscope.runs.candidates import offered
    from perpscope.runs.leg_terms import LegTerms
    from perpscope.runs.scan import Asked
    from perpscope.trading.scan.terms import Terms as ScanTerms

    store, among, given = place.store(), words.among, cost_rows(words.costs)
    tiers, margins, terms = tiers_of(words.costs.tier), margins_of(words.aim), terms_of(words.aim)
    scanned = ScanTerms(
        window=among.window,
        hold=max(round(words.aim.hold), 1),
        leverage=float(SCANNED_LEVERAGE if terms.leverage is None else terms.leverage),
        buffer=terms.buffer,
    )
    asked = Asked(
        scanned,
        day_ms(among.at) if among.at else None,
        among.history,
        tuple(coin.upper() for coin in among.symbol),
        tuple(venue_of(store, name) for name in among.venue),
        _kinds(among.kind),
        tiers,
        given,
        margins,
    )
    best_of((), among.top)
    costing = LegTerms(tiers, given, margins, store if words.books else None)
    question = _question(words, 0, costing, covariance_of(among))  # what cannot be asked is refused before the store is scanned
    found = offered(store, asked, among.top)
    return Stated(found.rows, replace(question, at=found.at), store, found.unknown)


def _from_file(words: Words, file: Path, place: Place, now: int) -> Stated:
    import numpy as np

    from perpscope.cli.carry.given_costs import rows_of as cost_rows
    from perpscope.cli.carry.tiers import tiers_of
    from perpscope.errors import StoreError
    from perpscope.runs.leg_terms import LegTerms

    whole_file = _loaded(file)
    everything = rows_of(file, whole_file)
    kept = best_of(everything, words.among.top)
    rows = [everything[one] for one in kept]
    whole = covariance_of(words.among, whole_file)
    if whole is not None and whole.shape != (len(everything), len(everything)):
        there = f"an array of shape {whole.shape} for {len(everything)} candidates"
        raise InputError("a covariance of trades", there, "Give one row and column a candidate, in their order.")
    daily = None if whole is None else whole[np.ix_(kept, kept)]
    given = cost_rows(words.costs)
    costing = LegTerms(tiers_of(words.costs.tier), given, margins_of(words.aim)) if words.costs.said or words.books else None
    question = _question(words, moment_of(words.among, rows, now), costing, daily)
    store: Store | None = None
    if question.asks_risk and daily is None and question.sd_1d is None:
        try:
            store = place.store()
        except StoreError:
            store = None  # the question itself says what is missing then
    return Stated(rows, question, store, {})


def _kinds(names: Sequence[str]) -> tuple[str, ...]:
    from perpscope.trading.trade import KINDS

    for name in names:
        if name not in KINDS:
            raise InputError(f"the kind {name!r}", "no kind of trade", f"Give one of {', '.join(KINDS)}.")
    return tuple(names)


def _question(words: Words, at: int, costing: LegTerms | None, daily: npt.NDArray[np.float64] | None) -> Question:
    from perpscope.cli.amounts import share_of
    from perpscope.runs.allocate import Question
    from perpscope.trading.allocation.limits import Aim
    from perpscope.trading.costs.figure import Figure

    terms = terms_of(words.aim)
    if words.costs.opportunity:
        elsewhere = Figure.given(float(share_of("--opportunity", words.costs.opportunity)))
        terms = replace(terms, opportunity=elsewhere)
    among = words.among
    return Question(
        at,
        limits_of(words.limits),
        Aim(words.aim.hold, words.aim.risk),
        terms,
        costing,
        margins_of(words.aim),
        among.history,
        daily,
        _maybe("--sd-1d", among.sd_1d),
        words.strict,
    )
