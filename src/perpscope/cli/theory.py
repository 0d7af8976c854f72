"""Do formulas and published numbers of theory hold? The verb `theory`; nothing is computed here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import App, Parameter

from perpscope.cli.place import Place, Where, say
from perpscope.cli.render import Format, render

if TYPE_CHECKING:
    from perpscope.store import Store

FINE, FINDING = 0, 1
Document: TypeAlias = Annotated[Path, Parameter(allow_leading_hyphen=True, help="JSON file; - for standard input.")]

theory_app = App(name="theory", help="Check formulas, bands and published numbers of theory.")


@theory_app.command
def check(file: Document, *, format: Format = "table", place: Where) -> int:  # noqa: A002 - the name of the option
    """Check {checks: [{name, cls, formula, inputs, expected, tol}]} against our own models, the texts and the store.

    Class "formula" is worked out by the model it is about and as its text is written, "band" by a simulated book beside its formula,
    "data" from the rows of the store. Exit 1 if any fails; what cannot be tried is unsupported, and says why ("data absent: ...").
    """
    from perpscope.claims.theory import check_text, verdict_rows
    from perpscope.cli.files import text_of

    verdicts = check_text(text_of(file), _store(place))
    render(verdict_rows(verdicts), format, columns=("id", "status", "got", "reason"))
    counts = {status: sum(v.status == status for v in verdicts) for status in ("pass", "fail", "unsupported", "disputed")}
    absent = sum("data absent" in v.reason and v.status == "unsupported" for v in verdicts)
    say(", ".join(f"{count} {status}" for status, count in counts.items()) + (f" ({absent} for want of data)" if absent else ""))
    return FINDING if counts["fail"] else FINE


def _store(place: Place) -> Store | None:
    """Open the store, or hold nothing where there is none: formulas need no data."""
    from perpscope.errors import StoreError

    if place.folder is None and not place.store_folder.exists():
        return None
    try:
        return place.store()
    except StoreError as problem:
        say(f"without data: {problem}")
        return None
