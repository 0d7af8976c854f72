"""Are numbers that someone types read exactly, or refused?"""

from __future__ import annotations

from fractions import Fraction

import pytest

from perpscope.cli.amounts import maybe_number, maybe_share, number_of, share_of
from perpscope.errors import InputError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Fraction(1, 10)),
        ("1e6", 1_000_000),
        ("1_000_000", 1_000_000),
        ("1,000,000", 1_000_000),
        ("-12,345.5", Fraction(-24691, 2)),
        (" 7 ", 7),
    ],
)
def test_a_number_is_read_exactly(text: str, value: Fraction) -> None:
    assert number_of("it", text) == value


@pytest.mark.parametrize("text", ["", "1,5", "1,50,000", "1,0000", ",100", "1m", "nan", "inf", "1e400", "\N{MINUS SIGN}5", "10%"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no number"):
        number_of("it", text)


def test_a_share_has_a_unit_or_is_a_fraction() -> None:
    assert share_of("it", "20%") == share_of("it", "2000bp") == share_of("it", "0.2") == Fraction(1, 5)
    with pytest.raises(InputError, match="is no share"):
        share_of("it", "a fifth")
    assert (maybe_share("it", ""), maybe_number("it", "")) == (None, None)
