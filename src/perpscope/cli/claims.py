"""Do the published claims hold? The verbs `claims list`, `show`, `run`, `report` and `export`; nothing is computed here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from perpscope.cli.place import Place, Where, say
from perpscope.cli.render import Format, render, write

if TYPE_CHECKING:
    from perpscope.claims.case import Shelf

claims_app = App(name="claims", help="Put published claims on trial; report and export the evidence.")
_LISTED = ("id", "kind", "sentence", "needs")
_BRIEF = ("id", "kind", "verdict", "n", "why")


@claims_app.command(name="list")
def list_claims(*, format: Format = "table") -> int:  # noqa: A002 - the option's name
    """List all claims: id, kind, what is said, and which data it takes."""
    from perpscope.claims.ledger import claim_ids, load_claim

    rows = []
    for claim in map(load_claim, claim_ids()):
        stated = dict(claim.stated)
        rows.append({"id": claim.id, "kind": claim.kind, "sentence": claim.sentence.en, "stated": stated, "needs": claim.needs.en})
    render(rows, format, columns=_LISTED)
    return 0


@claims_app.command
def show(name: str, *, format: Format = "table", place: Where) -> int:  # noqa: A002 - the option's name
    """Show one claim and what becomes of it on the data of the store.

    Parameters
    ----------
    name
        Id of the claim, such as F06.
    """
    from perpscope.claims.ledger import load_claim
    from perpscope.claims.run import reproduce

    found = reproduce(load_claim(name), _shelf(place))
    answer = found.to_dict()
    if format == "table":
        write(
            f"{answer['id']} ({answer['kind']}): {answer['sentence']}\n{answer['source']}\n\n{answer['verdict'].upper()}. {answer['why']}\n"
        )
        rows = [{"name": k, "found": v, "stated": answer["stated"].get(k)} for k, v in answer["found"].items()]
        rows += [{"name": k, "found": None, "stated": v} for k, v in answer["stated"].items() if k not in answer["found"]]
        render(rows, title="numbers")
    else:
        render(answer, format)
    return 0


@claims_app.command
def run(*names: str, format: Format = "table", place: Where) -> int:  # noqa: A002 - the option's name
    """Try claims on the data of the store; all of them where none is named. Exit code 1: a computation broke.

    Parameters
    ----------
    names
        Ids of claims, such as F06 A04.
    """
    from perpscope.claims.ledger import claim_ids
    from perpscope.claims.run import reproductions

    tried = tuple(reproductions(names or claim_ids(), _shelf(place)))
    rows = [found.to_dict() for found in tried]
    render(rows, format, columns=_BRIEF)
    verdicts = [str(row["verdict"]) for row in rows]
    say(", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(sorted(verdicts))))
    broken = [found.claim.id for found in tried if found.broken]
    if broken:
        say(f"The computation of {', '.join(broken)} broke; the verdict there says how.")
    return int(bool(broken))


@claims_app.command
def report(
    *,
    lang: Literal["en", "zh"] = "en",
    out: Path | None = None,
    place: Where,
) -> int:
    """Write the report of all claims as one self-contained HTML file.

    Parameters
    ----------
    lang
        Language: en or zh.
    out
        File to write (default: perpscope-claims-LANG.html).
    """
    from perpscope.claims.ledger import claim_ids
    from perpscope.claims.run import reproductions
    from perpscope.cli.market import MADE_BY, write_page
    from perpscope.reports.trial.html import trial_page

    found = tuple(reproductions(claim_ids(), _shelf(place)))
    write_page(trial_page(found, lang, MADE_BY), out or Path(f"perpscope-claims-{lang}.html"))
    return 0


@claims_app.command
def export(*, out: Annotated[Path, Parameter(help="Folder to write to.")] = Path("perpscope-audited"), place: Where) -> int:
    """Write the audited table (published, computed, residual, status) as Parquet, with its data dictionary and digest."""
    from perpscope.audit.audited import write_audited

    done = write_audited(place.store(), out)
    say(f"{done.rows:,} fixings, digest {done.digest}, written to {out}")
    return 0


def _shelf(place: Place) -> Shelf:
    """Open the store; without one every claim says what it lacks."""
    from perpscope.claims.case import Shelf

    folder = place.store_folder
    if not (folder / "store.json").exists():
        say(f"There is no store in {folder}: claims on data cannot be tested. Import data with `data import PATH…`.")
        return Shelf(None)
    return Shelf(place.store())
