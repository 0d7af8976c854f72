"""Is a document that does not fit told in words: where, what stands there, what belongs there?"""

from __future__ import annotations

import pytest
from msgspec import Struct

from perpscope.errors import InputError
from perpscope.market.document import decoded


class Form(Struct, forbid_unknown_fields=True):
    """A form with every kind of value."""

    rate: float
    orders: list[tuple[float, float]] = []
    name: str | None = None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" ", "nothing was given"),
        ("{", "truncated"),
        ("[]", "a list where an object belongs"),
        ("{}", "no rate"),
        ('{"rate": "x"}', "rate: a text where a number belongs"),
        ('{"rate": 1, "orders": [[1, 2], [3, null]]}', "orders, entry 2, entry 2: nothing where a number belongs"),
        ('{"rate": 1, "orders": [[1]]}', "orders, entry 1: a list of length 2 belongs there"),
        ('{"rate": 1, "name": 2}', "name: a whole number where a text or nothing belongs"),
        ('{"rate": 1, "rates": 2}', "unknown: rates"),
        ('{"rate": NaN}', "NaN is not a number. Leave out what is not known."),
    ],
)
def test_what_does_not_fit_is_told(text: str, said: str) -> None:
    with pytest.raises(InputError) as problem:
        decoded(text, Form, "a form", "Give one.")
    assert said in str(problem.value)
    assert "`" not in str(problem.value)
    assert "$" not in str(problem.value)


def test_what_fits_is_read_and_numbers_as_texts_where_allowed() -> None:
    assert decoded('{"rate": "0.5", "orders": [["1", 2]]}', Form, "a form", "", strict=False) == Form(0.5, [(1.0, 2.0)])
