"""Does a contract's published history agree with its venue's rules? The verb `audit`; nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from cyclopts import Parameter

from perpscope.cli.place import Where, say
from perpscope.cli.render import Format, render, write, write_certificate
from perpscope.cli.window import Start, window

VERDICTS = {True: "yes", False: "NO", None: "not tested"}
SUMMARY = ("venue", "symbol", "rows", "recomputed", "matched", "max_abs_error")
DEPARTURES_SHOWN = 20


def audit(
    venue: str,
    symbol: str,
    *,
    from_: Start = "",
    to: str = "",
    list: str | None = None,  # noqa: A002 - the name of the option
    infer: Annotated[bool, Parameter(negative="")] = False,
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Recompute the published rates wherever their inputs are at hand, and try what the rules imply elsewhere.

    Exit 1 where a rate does not match or a check fails; what could not be tested is no finding.

    Parameters
    ----------
    venue
        Venue of the contract: id, name or alias.
    symbol
        Unified symbol, native id or coin.
    from_
        Settlements from this moment on, UTC: 2025-09-18 or 2025-09-18T08:01:00Z.
    to
        Settlements before this moment, UTC.
    list
        Sub-market of the venue, where several hold the symbol.
    infer
        Search for the rules that fit, and date their changes.
    """
    from perpscope.audit.run import run_audit

    start, end = window(from_, to)
    found = run_audit(place.store(), venue, symbol, market_list=list, start=start, end=end, infer=infer)
    say(f"{venue} {symbol} is {found.venue} {found.symbol}" + (f" of the list {found.market_list}" if found.market_list else ""))
    answer = found.to_dict()
    if format == "table":
        _tables(answer)
    else:
        render(answer, format)
    return int(found.finding)


def _tables(answer: Mapping[str, Any]) -> None:
    """Print the verdict for eyes: counts, story, checks, rules, departures, and what the search found."""
    render([{name: answer[name] for name in SUMMARY}], title="audit")
    write("\n".join(answer["explain"]))
    checks = [{"check": c["name"], "holds": VERDICTS[c["holds"]], "detail": c["detail"]} for c in answer["checks"]]
    render(checks, title="what the rules imply")
    _listed("rules in force", answer["rules"])
    _listed("readings shown, gating nothing", answer["readings"])
    _listed("not recomputed, and why", [{"rows": rows, "reason": reason} for reason, rows in answer["not_recomputable"].items()])
    _listed("departures", answer["departures"][:DEPARTURES_SHOWN])
    hidden = len(answer["departures"]) - DEPARTURES_SHOWN
    if hidden > 0:
        write(f"and {hidden} more: --format json has them all")
    if "inference" in answer:
        _search(answer["inference"])
    write_certificate(answer["certificate"])


def _search(inference: Mapping[str, Any]) -> None:
    segments = [{**each, "began": _began(each), "tied": "; ".join(each["tied"])} for each in inference["segments"]]
    columns = ("start", "end", "rows", "matches", "words", "runner_up", "runner_up_matches", "began", "tied")
    if inference["note"]:
        write(inference["note"])
    if segments:
        searched = f"{inference['candidates']} rules tried on: {inference['basis']}"
        render(segments, columns=columns, title=f"rules that fit; {searched}")
        write(f"a change costs {inference['penalty']:.1f} nats: {inference['penalty_reason']}")
    _listed("what the rates alone show", [{**each, "began": _began(each)} for each in inference["seen"]])


def _began(each: Mapping[str, Any]) -> str:
    began = each["began"]
    return f"after {began['after']}, by {began['by']}, likeliest {began['best']}" if began else ""


def _listed(title: str, rows: Any) -> None:  # noqa: ANN401 - rows of the answer
    if rows:
        render(rows, title=title)
