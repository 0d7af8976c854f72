"""What kind of file is this, by its first bytes?

A name is never asked. Gzip is taken off; then a file is a Parquet file, a text of JSON (one document or one a line,
perhaps with an arrival time before it), or a table of comma-separated values.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from perpscope.errors import SourceError

Kind = Literal["parquet", "json", "lines", "csv"]
_RECORDED = re.compile(rb"(?:\d{16,19} |\d{9,10}(?:\.\d+)?: |(?:https?|wss?)://\S+ <?->? )")


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes, unpacked.

    Parameters
    ----------
    kind : parquet; json (one document), lines (a message a line) or csv.
    data : unpacked bytes, without a byte order mark.
    sha256 : hash of the file as it lies on the disk.
    """

    kind: Kind
    data: bytes
    sha256: str


def read_content(path: Path) -> Content:
    """Read and unpack a file.

    Raises
    ------
    SourceError
        When it is empty, cut off, binary of an unknown kind, or unreadable.
    """
    asked = f"the file {path.name}"
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise SourceError(asked, f"it cannot be read: {problem.strerror}", "Give a file this user may read.") from problem
    if not raw:
        raise SourceError(asked, "it is empty", "Fetch it again.")
    data = _unpacked(asked, raw)
    if not data.strip():
        raise SourceError(asked, "there is nothing in it", "Fetch it again.")
    return Content(_kind(asked, data), data, hashlib.sha256(raw).hexdigest())


def _unpacked(asked: str, raw: bytes) -> bytes:
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error):
            raise SourceError(asked, "its gzip stream has no end or is damaged", "Fetch it again: it was cut off.") from None
    elif raw[:4] == b"PK\x03\x04":
        raw = _only_member(asked, raw)
    return raw.removeprefix(b"\xef\xbb\xbf")


def _only_member(asked: str, raw: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = [name for name in archive.namelist() if not name.endswith("/")]
            if len(members) != 1:
                raise SourceError(asked, f"a zip archive of {len(members)} files", "Unpack it and import the folder.")
            return archive.read(members[0])
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise SourceError(asked, "its zip archive is damaged or cut off", "Fetch it again.") from None


def _kind(asked: str, data: bytes) -> Kind:
    if data[:4] == b"PAR1":
        return "parquet"
    head = data[:65536]
    if b"\0" in head:
        there = "UTF-16 text" if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else "a binary file that is not Parquet"
        raise SourceError(asked, there, "Importable are Parquet, CSV and JSON, plain or in gzip; text in UTF-8.")
    start = head.lstrip()
    if start[:1] in {b"{", b"["}:
        return _json_kind(data)
    return "lines" if _RECORDED.match(start) else "csv"


def _json_kind(data: bytes) -> Kind:
    """One message a line, where the first line is whole JSON and is not the whole text."""
    import msgspec

    first, _, rest = data.lstrip().partition(b"\n")
    if not rest.strip():
        return "json"
    try:
        msgspec.json.decode(first)
    except ValueError:
        return "lines" if _one_a_line(rest) else "json"
    return "lines"


def _one_a_line(rest: bytes) -> bool:
    """Whether most of the next lines are whole objects: then the first one is only damaged."""
    lines = [line for line in rest[:65536].split(b"\n")[:-1] if line.strip()][:20]
    return bool(lines) and sum(line.lstrip()[:2] == b'{"' and line.rstrip()[-1:] == b"}" for line in lines) * 2 > len(lines)
