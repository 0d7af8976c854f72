"""What can a rule be asked? show, explain, list, diff, eval and check; nothing is computed here."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import App, Parameter

from perpscope.cli.place import say
from perpscope.cli.render import Format, render, write
from perpscope.errors import InputError

FINE, FINDING = 0, 1
VenueName: TypeAlias = Annotated[str, Parameter(help="Venue id, name or alias.")]
RuleName: TypeAlias = Annotated[str, Parameter(help="VENUE or VENUE@DATE; today's rule where no date is given.")]
At: TypeAlias = Annotated[str, Parameter(help="Moment (2025-09-18 or 2025-09-18T08:01:00Z); now where absent.")]
Document: TypeAlias = Annotated[Path, Parameter(allow_leading_hyphen=True, help="JSON file; - for standard input.")]
Give: TypeAlias = Annotated[tuple[str, ...], Parameter(negative="", help="Number of the contract, such as cap=0.003; may be repeated.")]

rule_app = App(name="rule", help="Show, explain, compare, evaluate and check rules.")


@rule_app.command(name="list")
def list_rules(venue: VenueName = "", *, format: Format = "table") -> int:  # noqa: A002 - the name of the option
    """List the dated rules of all venues, or of one."""
    from perpscope.catalogue.overview import rule_rows

    render(rule_rows(venue), format, columns=("venue", "rule", "from", "to", "family", "status", "reading"))
    return FINE


@rule_app.command
def show(
    venue: VenueName,
    *,
    at: At = "",
    list: Annotated[str, Parameter(help="Sub-market of the venue.")] = "",  # noqa: A002 - the name of the option
    format: Format = "table",  # noqa: A002 - the name of the option
) -> int:
    """Show the rules of a venue: parts, numbers, sources, doubts; disputed readings side by side."""
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
    venue: VenueName,
    symbol: Annotated[str, Parameter(help="Unified symbol, native id or coin.")] = "",
    *,
    at: At = "",
    premium: Annotated[float | None, Parameter(help="Averaged premium, a fraction.")] = None,
    window: Annotated[Document | None, Parameter(help="Window document instead of a premium (see `rule eval --schema`).")] = None,
    interval: Annotated[float | None, Parameter(help="Hours of the rate, where not the rule's own.")] = None,
    before: Annotated[float | None, Parameter(help="Rate before this one, a fraction, for caps on changes.")] = None,
    give: Give = (),
) -> int:
    """Tell why a rate is what it is; without a premium, tell the rule and which premium leads to which rate."""
    from perpscope.catalogue.overview import moment_of
    from perpscope.catalogue.stories import Question, document_stories, stories
    from perpscope.cli.files import numbers_of, text_of

    if window is not None and premium is not None:
        raise InputError("an explanation", "both a premium and a window", "Give one of them.")
    question = Question(venue, symbol, moment_of(at, _now()), premium, interval, before, numbers_of(give), within=not at)
    told = stories(question) if window is None else document_stories(text_of(window), venue, symbol)
    write("\n\n".join(story.text for story in told))
    return FINE


@rule_app.command
def diff(
    one: RuleName,
    other: RuleName = "",
    *,
    from_: Annotated[str, Parameter(name="--from", help="Earlier date of one venue.")] = "",
    to: Annotated[str, Parameter(help="Later date of one venue; today where absent.")] = "",
    format: Format = "table",  # noqa: A002 - the name of the option
) -> int:
    """Compare two rules: VENUE[@DATE] with VENUE[@DATE], or one venue --from a date --to another."""
    from perpscope.cli.rule_diff import difference_rows

    render(difference_rows(one, other, from_, to, _now()), format)
    return FINE


@rule_app.command(name="eval")
def evaluate(
    file: Document | None = None,
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
def check(file: Document, *, format: Format = "table") -> int:  # noqa: A002 - the name of the option
    """Check worked examples {id, venue, rule, inputs, expected, tolerance} against the rules; exit 1 if any fails."""
    from perpscope.catalogue.check import check_text, verdict_rows
    from perpscope.cli.files import text_of

    verdicts = check_text(text_of(file))
    render(verdict_rows(verdicts), format, columns=("id", "status", "reason"))
    counts = {status: sum(v.status == status for v in verdicts) for status in ("pass", "fail", "unsupported", "disputed")}
    say(", ".join(f"{count} {status}" for status, count in counts.items()))
    return FINDING if counts["fail"] else FINE


def _now() -> int:
    return time.time_ns() // 1_000_000
