"""What can a rule be asked? show, explain, list, diff, eval and check; nothing is computed here."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import App, Parameter

from perpscope.cli.place import say
from perpscope.cli.render import Format, render, write

FINE, FINDING = 0, 1
File: TypeAlias = Annotated[Path, Parameter(allow_leading_hyphen=True)]
"""A file, or - for standard input."""

rule_app = App(name="rule", help="Show, explain, compare, evaluate and check rules.")


@rule_app.command(name="list")
def list_rules(venue: str = "", *, format: Format = "table") -> int:  # noqa: A002 - the name of the option
    """List the dated rules of all venues, or of one.

    Parameters
    ----------
    venue
        Venue id, name or alias; all venues where absent.
    """
    from perpscope.catalogue.overview import rule_rows

    render(rule_rows(venue), format, columns=("venue", "rule", "from", "to", "family", "status", "reading"))
    return FINE


@rule_app.command
def show(venue: str, *, at: str = "", list: str = "", format: Format = "table") -> int:  # noqa: A002 - names of options
    """Show the rules of a venue: parts, numbers, sources, doubts; disputed readings side by side.

    Parameters
    ----------
    venue
        Venue id, name or alias.
    at
        Moment (2025-09-18 or 2025-09-18T08:01:00Z); now where absent.
    list
        Sub-market of the venue.
    """
    from perpscope.catalogue.overview import moment_of, shown_rules
    from perpscope.cli.rule_text import rule_page

    found = shown_rules(venue, moment_of(at, _now()), list)
    if format == "table":
        write(rule_page(found))
    else:
        render(found.rows(), format)
    return FINE


@rule_app.command
def explain(
    venue: str,
    symbol: str = "",
    *,
    at: str = "",
    premium: float | None = None,
    window: File | None = None,
    interval: float | None = None,
    before: float | None = None,
    give: Annotated[tuple[str, ...], Parameter(negative="")] = (),
) -> int:
    """Tell why a rate is what it is; without a premium, tell the rule and which premium leads to which rate.

    Parameters
    ----------
    venue, symbol
        Contract: venue id, name or alias; unified symbol, native id or coin.
    at
        Moment (2025-09-18 or 2025-09-18T08:01:00Z); now where absent.
    premium
        Averaged premium, a fraction.
    window
        Window document instead of a premium (see `rule eval --schema`); - for standard input.
    interval
        Hours of the rate, where not the rule's own.
    before
        Rate before this one, a fraction, for caps on changes.
    give
        Number of the contract, such as cap=0.003; may be repeated.
    """
    from perpscope.catalogue.overview import moment_of
    from perpscope.catalogue.stories import Question, document_stories, stories
    from perpscope.cli.files import numbers_of, text_of

    if window is not None:
        told = document_stories(text_of(window), venue, symbol)
    else:
        moment = moment_of(at, _now())
        told = stories(Question(venue, symbol, moment, premium, interval, before, numbers_of(give), within=not at))
    write("\n\n".join(story.text for story in told))
    return FINE


@rule_app.command
def diff(
    one: str,
    other: str = "",
    *,
    from_: Annotated[str, Parameter(name="--from")] = "",
    to: str = "",
    format: Format = "table",  # noqa: A002 - the name of the option
) -> int:
    """Compare two rules: VENUE[@DATE] with VENUE[@DATE], or one venue --from a date --to another.

    Parameters
    ----------
    one, other
        Venue, with a date after @ where not today's rule is meant.
    from_, to
        Dates of one venue.
    """
    from perpscope.cli.rule_diff import difference_rows

    render(difference_rows(one, other, from_, to, _now()), format)
    return FINE


@rule_app.command(name="eval")
def evaluate(
    file: File | None = None,
    *,
    schema: Annotated[bool, Parameter(negative="", help="Print the JSON Schema of a window document.")] = False,
    format: Format = "table",  # noqa: A002 - the name of the option
) -> int:
    """Decide the rate of a window document, from FILE or standard input."""
    from perpscope.catalogue.evaluate import answer_document
    from perpscope.catalogue.evaluate import evaluate as decide
    from perpscope.catalogue.windows import read_window, window_schema
    from perpscope.cli.files import text_of

    if schema:
        render(window_schema(), "json")
        return FINE
    asked = read_window(text_of(file))
    render(answer_document(asked, decide(asked)), format)
    return FINE


@rule_app.command
def check(file: File, *, format: Format = "table") -> int:  # noqa: A002 - the name of the option
    """Check worked examples against the catalogue's rules; exit 1 if any fails.

    Parameters
    ----------
    file
        JSON list of {id, venue, rule, inputs, expected, tolerance}; - for standard input.
    """
    from perpscope.catalogue.check import check_text, verdict_rows
    from perpscope.cli.files import text_of

    verdicts = check_text(text_of(file))
    render(verdict_rows(verdicts), format, columns=("id", "status", "reason"))
    counts = {status: sum(v.status == status for v in verdicts) for status in ("pass", "fail", "unsupported", "disputed")}
    say(", ".join(f"{count} {status}" for status, count in counts.items()))
    return FINDING if counts["fail"] else FINE


def _now() -> int:
    return time.time_ns() // 1_000_000
