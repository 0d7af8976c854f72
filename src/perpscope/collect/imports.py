"""How do files become rows of the store, each counted, none stored half?

A file is read and checked whole before anything is written; then each of its tables is one commit. A file that cannot
be taken is a line of the answer with its reason, and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from perpscope.collect.ends import Ends, after_the_end, known_ends, tell_registry
from perpscope.collect.files import files_of
from perpscope.collect.model import Imported, Sink
from perpscope.errors import InputError, SourceError
from perpscope.sources import Entry, KnownFacts, Part, Reading, Refused, mapping_of, nothing_known, read_file, read_mapping
from perpscope.store import Source, Written

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[int, int, Path], None]
_SHOWN_REASONS = 6


def import_paths(
    sink: Sink,
    paths: Iterable[Path],
    mapping_file: Path | None = None,
    *,
    known: KnownFacts = nothing_known,
    ends: Ends | None = None,
    progress: Progress | None = None,
) -> list[Imported]:
    """Import files and folders.

    Parameters
    ----------
    sink : a store.
    paths : files, or folders (walked to their depth, in order of name).
    mapping_file : the mapping of all files; without it, `import.toml` in each file's own folder.
    known : what rule books know of contracts where mappings are silent; by default nothing, so that files say it all.
    ends : when contracts ended; by default what the rule books and the store's registry state.
    progress : called before each file with its place, the count of files and its path.

    Returns
    -------
    One line per file and table, in order; a file that is refused has one line with rows = rejected.

    Raises
    ------
    InputError
        When a path is not there, or `mapping_file` is wrong.
    StoreError
        When the disk refuses; files before are stored, the one in hand is not.
    """
    chosen = [Path(path) for path in paths]
    if mapping_file is not None:
        read_mapping(mapping_file)
    over = known_ends(sink) if ends is None else ends
    files = files_of(chosen, mapping_file)
    done: list[Imported] = []
    for place, path in enumerate(files):
        if progress is not None:
            progress(place, len(files), path)
        done += _import_file(sink, path, mapping_file, known, over)
    return done


def _import_file(sink: Sink, path: Path, mapping_file: Path | None, known: KnownFacts, ends: Ends) -> list[Imported]:
    try:
        entry = mapping_of(path, mapping_file).entry(path)
        reading = read_file(path, entry, known)
    except (SourceError, InputError) as refused:
        rows = refused.rows if isinstance(refused, Refused) else 0
        return [Imported(str(path), "", rows, 0, 0, rows, str(refused))]
    if not reading.parts:
        rows = reading.rejected.height
        return [Imported(str(path), "", rows, 0, 0, rows, _reason(reading, reading.rejected))]
    lost = [reading.rejected, *([reading.rejected.clear()] * (len(reading.parts) - 1))]
    return [_store(sink, path, entry, reading, part, extra, ends) for part, extra in zip(reading.parts, lost, strict=True)]


def _store(sink: Sink, path: Path, entry: Entry, reading: Reading, part: Part, lost: pl.DataFrame, ends: Ends) -> Imported:  # noqa: PLR0917 - the words of one sentence
    """Write the rows of one table and count what became of the file's rows."""
    import polars as pl

    dead = after_the_end(part, ends)
    frame = part.frame.filter(~pl.col("row").is_in(dead["row"].implode())) if not dead.is_empty() else part.frame
    bad = pl.concat([part.rejected, dead])
    total = _files_rows(part, frame, bad) + lost.height
    source = source_of(entry, reading, part, total)
    rows = part.table.conform(frame.drop("row").with_columns(pl.lit(source.id).alias("source")))
    written = sink.write(part.table, rows, source) if not rows.is_empty() else Written(0, 0, rows.with_columns(pl.lit("").alias("reason")))
    tell_registry(sink, part, source.id)
    clashes = _clashes(part, frame, written)
    bad = pl.concat([bad, clashes])
    good = frame.filter(~pl.col("row").is_in(clashes["row"].implode())) if not clashes.is_empty() else frame
    kept = good["row"].n_unique() if part.wide else written.added + written.present
    added = _added(written, kept, wide=part.wide)
    rejected = total - kept
    return Imported(str(path), part.table.name, total, added, kept - added, rejected, _reason(reading, pl.concat([lost, bad])))


def _files_rows(part: Part, frame: pl.DataFrame, bad: pl.DataFrame) -> int:
    """Rows of the file that were meant for the table; a row that became several counts once."""
    return len({*frame["row"], *bad["row"]}) if part.wide else frame.height + bad.height


def _added(written: Written, kept: int, *, wide: bool) -> int:
    """Rows of the file that brought something new."""
    if not wide:
        return written.added
    return kept if written.present == 0 and written.added else min(kept, written.added)


def _clashes(part: Part, frame: pl.DataFrame, written: Written) -> pl.DataFrame:
    """{row, reason} of rows the store would not take over others with their key."""
    import polars as pl

    clash = written.conflicting
    if clash.is_empty():
        return pl.DataFrame(schema={"row": pl.Int64, "reason": pl.String})
    key = list(part.table.key)
    found = frame.select("row", *key).join(clash.select(*key, "reason").unique(key), on=key, how="inner", nulls_equal=True)
    return found.sort("row").head(clash.height).select(pl.col("row").cast(pl.Int64), "reason")


def source_of(entry: Entry, reading: Reading, part: Part, rows: int) -> Source:
    """Name where rows come from: their content, and every fact that changes what they mean."""
    return Source(
        name=str(entry.facts.get("source", reading.name)),
        sha256=reading.sha256,
        table=part.table.name,
        licence=entry.licence,
        facts={**reading.says, **entry.identity()},
        rows=rows,
        precedence=entry.precedence,
    )


def _reason(reading: Reading, bad: pl.DataFrame) -> str:
    """Write why rows were rejected, with counts and the first place of each reason, and the remarks."""
    import polars as pl

    counts = (
        bad.group_by("reason").agg(pl.len().alias("n"), pl.col("row").min().alias("first")).sort("n", "first", descending=[True, False])
    )
    said = [
        f"{n} {reading.counted}{'s' if n > 1 else ''} rejected: {reason} ({'first at ' if n > 1 else ''}{reading.counted} {first})"
        for reason, n, first in counts.head(_SHOWN_REASONS).iter_rows()
    ]
    rest = counts.slice(_SHOWN_REASONS)
    if not rest.is_empty():
        said.append(f"{rest['n'].sum()} more rejected for {rest.height} other reasons")
    return "; ".join([*said, *reading.notes])
