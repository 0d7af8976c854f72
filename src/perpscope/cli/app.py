"""What can be asked from a terminal?

`perpscope` alone does the main job; the verbs are loaded when they are used, so that help is instant. Exit codes:
0 fine, 1 a finding (or a question that cannot be answered), 2 misuse.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter, UnusedCliTokensError

from perpscope import __version__
from perpscope.cli.place import Place, Where, say
from perpscope.cli.typed import as_written
from perpscope.errors import InputError, PerpscopeError, StoreError

FINE, FINDING, MISUSE = 0, 1, 2


def _said(default: object) -> str | None:
    """Return what help says of a default; nothing where it is that nothing was said."""
    return None if default is None or default is False or default in ("", ()) else str(default)


app = App(
    name="perpscope",
    default_parameter=Parameter(show_default=_said, converter=as_written),
    help="Funding of perpetual futures: rules as dated data, recomputed, audited and paid.",
    version=__version__,
    help_format="plaintext",  # markdown would load a parser of it for every help
)
app.command("perpscope.cli.data:data_app", name="data", help="Import data and check what the store holds.")
app.command("perpscope.cli.audit:audit", name="audit", help="Recompute a contract's published rates by its venue's dated rule.")
app.command("perpscope.cli.rule:rule_app", name="rule", help="Show, explain, compare, evaluate and check rules.")
app.command("perpscope.cli.settle:settle", name="settle", help="Pay funding to positions, or what another venue's rule would have paid.")
app.command("perpscope.cli.auction:auction_app", name="auction", help="Clear an auction of carry.")
app.command("perpscope.cli.margin:liquidation_app", name="liquidation", help="At which price a position is liquidated.")
app.command("perpscope.cli.margin:cost_app", name="cost", help="What holding a position costs.")
app.command("perpscope.cli.reconcile:reconcile", name="reconcile", help="Explain funding receipts, payment by payment.")
app.command("perpscope.cli.claims:claims_app", name="claims", help="Put published claims on trial; report and export the evidence.")
app.command("perpscope.cli.theory:theory_app", name="theory", help="Check numbers of theories and published tables.")
app.command("perpscope.cli.forecast:forecast_app", name="forecast", help="Which forecast of funding is best.")
app.command("perpscope.cli.risk:risk_app", name="risk", help="What a position's funding may come to.")
app.command("perpscope.cli.premium:premium_app", name="premium", help="How exactly a premium can be known.")
app.command("perpscope.cli.carry:carry_app", name="carry", help="Find, cost, back-test and size trades on funding.")
app.command("perpscope.cli.yields:apr", name="apr", help="What a profit is a year, simple.")
app.command("perpscope.cli.yields:apy", name="apy", help="What a profit is a year, compounded.")
app.command("perpscope.cli.basis:basis_app", name="basis", help="What carry dated futures imply.")
app.command("perpscope.cli.price:price_app", name="price", help="What a perpetual is worth in theory.")
app.command("perpscope.cli.market:board", name="board", help="Every contract's funding at a glance.")
app.command("perpscope.cli.market:report", name="report", help="Write the report as one HTML file.")


@app.default
def main_job(*, place: Where) -> int:
    """Open the store, fill an empty one with a generated history, audit all it holds and write the report."""
    from perpscope.cli.market import main_job as job

    return job(place)


@app.meta.default
def launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    store: Path | None = None,
    no_open: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Run one verb.

    Parameters
    ----------
    store
        Folder of the store (default: the user's data folder).
    no_open
        Never open a browser: for the main job and the report.
    """
    command, bound, unparsed = app.parse_args(tokens, exit_on_error=False, print_error=False)
    extra = {"place": Place(store, may_open=not no_open)} if "place" in unparsed else {}
    found = command(*bound.args, **bound.kwargs, **extra)
    return found if isinstance(found, int) else FINE


def run(tokens: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        found = app.meta(list(tokens), exit_on_error=False, print_error=False, result_action="return_value")
    except UnusedCliTokensError as misuse:
        say(f"perpscope: {_not_asked_for(misuse.unused_tokens or ())}\nTry `perpscope --help`.")
        return MISUSE
    except CycloptsError as misuse:
        say(f"perpscope: {misuse}\nTry `perpscope --help`.")
        return MISUSE
    except (InputError, StoreError) as misuse:
        say(f"perpscope: {misuse}")
        return MISUSE
    except PerpscopeError as finding:
        say(f"perpscope: {finding}")
        return FINDING
    except BrokenPipeError:
        return FINE
    return found if isinstance(found, int) else FINE


def _not_asked_for(words: Sequence[str]) -> str:
    """Say which word nobody knows, and which command was perhaps meant."""
    near = get_close_matches(words[0] if words else "", [name for name in app if not name.startswith("-")], n=1)
    return f"nothing is known of {' '.join(words)!r}" + (f"; is {near[0]} meant?" if near else "")


def main() -> None:
    """Entry point of the command."""
    sys.exit(run(sys.argv[1:]))
