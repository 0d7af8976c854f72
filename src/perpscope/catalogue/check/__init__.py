"""Do worked examples hold? Files of examples in, verdicts out; dispatch is by venue, rule and names, never by id."""

from __future__ import annotations

from collections.abc import Iterable

from perpscope.catalogue.check.examples import Example, read_examples
from perpscope.catalogue.check.verdict import Status, Verdict, check_example

__all__ = ["Example", "Status", "Verdict", "check_example", "check_text", "read_examples", "verdict_rows"]


def check_text(text: str | bytes) -> list[Verdict]:
    """Judge every example of a file.

    Raises
    ------
    InputError
        When the file is not a list of examples.
    """
    return [check_example(example) for example in read_examples(text)]


def verdict_rows(verdicts: Iterable[Verdict]) -> list[dict[str, object]]:
    """Write verdicts as rows: {id, status, expected, got, reason}."""
    return [{"id": v.id, "status": v.status, "expected": v.expected, "got": v.got, "reason": v.reason} for v in verdicts]
