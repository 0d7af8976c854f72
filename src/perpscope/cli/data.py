"""Data comes in and is looked after: `data import`, `data check`, `data sources`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from perpscope.cli.place import Where, say
from perpscope.cli.render import Format, render

data_app = App(name="data", help="Import data and check what the store holds.")
_SHOWN = ("severity", "table", "venue", "symbol", "kind", "from", "to", "detail")


@data_app.command(name="import")
def import_files(
    *paths: Path,
    map_file: Annotated[Path | None, Parameter(name="--map")] = None,
    format: Format = "table",  # noqa: A002 - the option's name
    place: Where,
) -> int:
    """Import files or whole folders: Parquet, CSV, JSON, JSON lines, recordings, gzipped or not.

    Parameters
    ----------
    paths
        Files or folders.
    map_file
        A mapping of what columns do not say; default: the import.toml beside each file.
    """
    from perpscope.collect.imports import import_paths

    found = import_paths(place.store(create=True), paths, map_file, progress=_progress)
    render([each.to_dict() for each in found], format)
    return int(any(each.rejected or not each.table for each in found))


def _progress(done: int, count: int, path: Path) -> None:
    say(f"[{done + 1}/{count}] {path.name}")


@data_app.command
def check(*, format: Format = "table", place: Where) -> int:  # noqa: A002 - the option's name
    """Check every series in the store and compare its sources with one another."""
    from perpscope.collect.check import check_store

    found = check_store(place.store())
    if format == "json":
        render(found, format)
    else:
        if format == "table":
            render(found["tables"], format, title="what the store holds")
        render(found["problems"], format, columns=_SHOWN, title="what is wrong with it")
    return int(any(problem["severity"] != "note" for problem in found["problems"]))


@data_app.command
def sources(*, format: Format = "table", place: Where) -> int:  # noqa: A002 - the option's name
    """List where the store's rows come from: source, licence, rows, gaps."""
    listed = place.store().sources()
    render(listed.to_dicts(), format, columns=("id", "name", "table", "rows_stored", "missing", "licence", "state"))
    return 0
