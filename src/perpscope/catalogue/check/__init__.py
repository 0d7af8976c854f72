"""Do worked examples hold? Files of examples in, verdicts out; dispatch is by venue, rule and names, never by id."""

from __future__ import annotations

from perpscope.catalogue.check.examples import Example, read_examples
from perpscope.catalogue.check.verdict import Status, Verdict, check_example

__all__ = ["Example", "Status", "Verdict", "check_example", "check_text", "read_examples"]


def check_text(text: str | bytes) -> list[Verdict]:
    """Judge every example of a file.

    Raises
    ------
    InputError
        When the file is not a list of examples.
    """
    return [check_example(example) for example in read_examples(text)]
