"""Where is the venue's message inside this line, and who sent it when?

Recorders wrap messages: an arrival time before the JSON, an address before the body, an object with a note beside the
message, a stream's name around it. The wrapping is taken off here; what it says (arrival, address) is kept.
"""

from __future__ import annotations

import ast
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from perpscope.errors import SourceError
from perpscope.sources.content import Content

_ARRIVED_NS = re.compile(r"(\d{16,19}) (.*)", re.DOTALL)
_ARRIVED_S = re.compile(r"(\d{9,10}(?:\.\d+)?): (.*)", re.DOTALL)
_ANSWER = re.compile(r"((?:https?|wss?)://\S+) (<?->?) (\d{9,10}(?:\.\d+)?)(?:: (.*))?", re.DOTALL)
_REST_TEXT = re.compile(r"(?:GET|POST|PUT|DELETE)\s*\n(\S+)\s*\n(?:true|false)\s*\n(?:UriParams:[^\n]*\n)?(.*)", re.DOTALL)
_STREAM_TEXT = re.compile(r"(?:^[<>|][^\n]*\n)+=\s*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a venue.

    Parameters
    ----------
    body : decoded JSON. line : line of the file (from 1), or place in a document.
    received : when it arrived, ms UTC; None where unknown.
    address : the address or path it came from, and words of the recorder about its venue; empty where unknown.
    """

    body: Any
    line: int
    received: int | None = None
    address: str = ""


class Unkept(Exception):  # noqa: N818 - a message we do not keep is no error
    """A message is not kept, for the reason given."""


def messages(content: Content, asked: str) -> Iterator[Message | tuple[int, str]]:
    """Yield the messages of a file, or (line, reason) where a line holds none.

    Raises
    ------
    SourceError
        When the file is one JSON document and is cut off or damaged.
    """
    if content.kind == "json":
        try:
            body = _decoded(content.data)
            yield from unwrapped(Message(body, 1)) if body else ()
        except ValueError as problem:
            words = str(problem)
            there = "the JSON has no end: it was cut off" if "truncated" in words else f"it is not JSON ({words})"
            raise SourceError(asked, there, "Fetch it again.") from None
        return
    yield from _lines(content.data)


def _lines(data: bytes) -> Iterator[Message | tuple[int, str]]:
    lines = data.split(b"\n")
    address = ""
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        found = _line(raw, number, address)
        if isinstance(found, str):
            cut = number == len(lines) and found == "not JSON"
            yield number, "the last line has no end and is cut off" if cut else found
            continue
        address = found.address if found.body is None else address
        if found.body is None:
            yield number, "a note of the recorder, not a message"
            continue
        yield from unwrapped(found)


def _line(raw: bytes, number: int, address: str) -> Message | str:
    """Decode one line; a message without body is the recorder's note of its address; a text is the reason against it."""
    received: int | None = None
    text = raw.decode("utf-8", "replace").rstrip("\r")
    answer = _ANSWER.fullmatch(text)
    if answer:
        if answer[2] == "<->":
            return Message(None, number, address=answer[1])
        if answer[2] == "<-":
            return "sent by the recorder, not received"
        received, text, address = _ms(answer[3]), answer[4] or "", answer[1]
    elif text.startswith("configuration: "):
        return "a note of the recorder, not a message"
    elif arrived := _ARRIVED_NS.fullmatch(text):
        received, text = int(arrived[1]) // 1_000_000, arrived[2]
    elif arrived := _ARRIVED_S.fullmatch(text):
        received, text = _ms(arrived[1]), arrived[2]
    try:
        return Message(_decoded(_inflated(text)), number, received, address)
    except (ValueError, SyntaxError, zlib.error):
        return "not JSON"


def _ms(seconds: str) -> int:
    return round(float(seconds) * 1000)


def _inflated(text: str) -> bytes:
    """Bytes of a message: of a text, or of a packed message written as a Python literal."""
    if text[:2] in {"b'", 'b"'}:
        packed = ast.literal_eval(text)
        return zlib.decompressobj(31).decompress(packed) if isinstance(packed, bytes) else b""
    return text.encode()


def _decoded(data: bytes) -> Any:  # noqa: ANN401 - JSON
    import msgspec

    return msgspec.json.decode(data)


def unwrapped(message: Message) -> Iterator[Message | tuple[int, str]]:
    """Take recorders' objects off a message."""
    body = message.body
    if not isinstance(body, Mapping):
        yield message
    elif "message" in body and "name" in body and "test" in body:
        yield from unwrapped(replace(message, body=body["message"], address=f"{body['test']} {message.address}"))
    elif "message" in body and "venue" in body and "path" in body:
        yield from unwrapped(replace(message, body=body["message"], address=f"{body['venue']} {body['path']}"))
    elif "message" in body and "localTimestamp" in body:
        yield from unwrapped(replace(message, body=body["message"]))
    elif isinstance(body.get("text"), str) and "venue" in body and "kind" in body:
        yield from _of_text(replace(message, address=str(body["venue"])), body["text"])
    elif set(body) == {"stream", "data"}:
        yield replace(message, body=body["data"], address=f"{message.address} {body['stream']}")
    else:
        yield message


def _of_text(message: Message, text: str) -> Iterator[Message | tuple[int, str]]:
    """Messages inside a text that shows a request, or a stream's exchange, before them."""
    rest = _REST_TEXT.fullmatch(text)
    bodies = [rest[2]] if rest else [part for part in _STREAM_TEXT.split(text) if part.strip()]
    address = f"{message.address} {rest[1]}" if rest else message.address
    for body in bodies:
        try:
            yield from unwrapped(replace(message, body=_decoded(body.encode()), address=address))
        except ValueError:
            yield message.line, "not JSON"
