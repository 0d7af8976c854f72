"""Are lines of positions, fixings and contracts read as the decimals they are, and is every fault told by its line?"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from perpscope.errors import InputError
from perpscope.market.time import to_ms
from perpscope.sources.records import read_contracts, read_fixings, read_positions

POSITION = {"account": "me", "venue": "binanceusdm", "symbol": "BTC/USDT:USDT", "at": "2024-05-01T00:00:00Z", "quantity": "0.1"}
FIXING = {
    "venue": "binanceusdm",
    "symbol": "BTC/USDT:USDT",
    "at": "2024-05-01T08:00:00Z",
    "funding_rate": 0.0001,
    "interval_hours": 8,
    "price": 60000.1,
}
AT = to_ms("2024-05-01T08:00:00Z")


def lines(*rows: dict[str, Any]) -> str:
    return "\n".join(json.dumps(row) for row in rows)


def without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def test_numbers_are_the_decimals_that_are_written() -> None:
    fixing = read_fixings(lines(FIXING)).rows[0].fixing
    assert (fixing.rate, fixing.price, fixing.interval_hours, fixing.at) == (Fraction("0.0001"), Fraction("60000.1"), 8, AT)
    assert read_positions(lines(POSITION)).rows[0].position.quantity == Fraction("0.1")


@pytest.mark.parametrize("at", ["2024-05-01T08:00:00Z", "2024-05-01T10:00:00+02:00", AT, str(AT), AT + 11, AT - 1000, AT + 1000])
def test_stamps_in_any_form_and_a_little_beside_the_minute_are_the_same(at: object) -> None:
    assert read_fixings(lines(FIXING | {"at": at})).rows[0].fixing.at == AT


def test_stamps_further_beside_the_minute_stay_what_they_are_and_positions_are_never_moved() -> None:
    assert read_fixings(lines(FIXING | {"at": AT + 1001})).rows[0].fixing.at == AT + 1001
    assert read_positions(lines(POSITION | {"at": AT + 11})).rows[0].position.at == AT + 11


@pytest.mark.parametrize(("venue", "symbol"), [("Binance USD-M", "BTC/USDT:USDT"), ("binanceusdm", "BTCUSDT"), ("BINANCEUSDM", "BTCUSDT")])
def test_names_are_resolved(venue: str, symbol: str) -> None:
    found = read_positions(lines(POSITION | {"venue": venue, "symbol": symbol})).rows[0].position
    assert (found.venue, found.symbol) == ("binanceusdm", "BTC/USDT:USDT")


def test_a_json_list_blank_lines_and_a_byte_order_mark_are_read_too() -> None:
    assert len(read_positions(json.dumps([POSITION, POSITION], indent=1)).rows) == 2
    assert len(read_positions(f"\ufeff\n{lines(POSITION)}\n\r\n{lines(POSITION)}\n").rows) == 2


def test_names_nobody_asked_for_are_told() -> None:
    assert read_positions(lines(POSITION | {"leverage": 5, "side": "long"})).ignored == ("leverage", "side")


def test_what_a_fixing_may_say_beside() -> None:
    row = read_fixings(lines(FIXING | {"premium": "-0.0003", "accrual": "continuous", "contract_size": 0.001, "per_base": 0.5})).rows[0]
    assert (row.premium, row.accrual, row.size, row.fixing.per_base) == (
        Fraction("-0.0003"),
        "continuous",
        Fraction("0.001"),
        Fraction("0.5"),
    )


def test_contracts_say_size_and_life() -> None:
    told = {"venue": "bybit", "symbol": "ETH/USDT:USDT", "multiplier": "0.1", "listed": "2024-01-01T00:00:00Z", "ended": None}
    row = read_contracts(lines(told)).rows[0]
    assert (row.size, row.listed, row.ended) == (Fraction("0.1"), to_ms("2024-01-01T00:00:00Z"), None)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"price": -1}, "a price of -1. Prices are positive"),
        ({"price": 0}, "a price of 0"),
        ({"price": "dear"}, "price is 'dear', not a number"),
        ({"price": "NaN"}, "price is 'NaN', not a number"),
        ({"price": True}, "price is True, not a number"),
        ({"funding_rate": 1}, "funding_rate is 1, more than the whole notional. Give a fraction: 0.01 % is 0.0001"),
        ({"funding_rate": "-2.5"}, "funding_rate is -2.5, more than the whole notional"),
        ({"funding_rate": "1e400"}, "funding_rate is 1.000e[+]400, beyond all use"),
        ({"funding_rate": "1e-999999999"}, "beyond all use"),
        ({"funding_rate": None}, "funding_rate is null"),
        ({"interval_hours": 0}, "an interval of 0 h"),
        ({"interval_hours": None}, "interval_hours is null. State the hours the rate is for; it is never assumed to be 8 h"),
        ({"venue": "binance futures of the moon"}, "the venue 'binance futures of the moon': the catalogue has"),
        ({"symbol": "MOONCOIN"}, "binanceusdm MOONCOIN: no contract of that name"),
        ({"symbol": "BTC/USDT"}, "a spot market pays no funding"),
        ({"symbol": "BTC/USDT:USDT-250926"}, "a dated future pays no funding"),
        ({"symbol": 7}, "symbol is 7. Give a text"),
        ({"at": "yesterday"}, "the time 'yesterday': not an ISO 8601 time"),
        ({"at": "2024-05-01T08:00:00"}, "no time zone"),
        ({"at": 1714550400}, "at is 1714550400, too small for milliseconds since 1970"),
        ({"at": 1714550400000000}, "at is 1714550400000000, too large for milliseconds since 1970"),
        ({"accrual": "weekly"}, "accrual is 'weekly'"),
        ({"contract_size": -1}, "a contract size of -1"),
        ({"contract_size": 0}, "a contract size of 0"),
    ],
)
def test_each_fault_has_its_line_and_its_words(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=f"^fixings, line 3.*{words}"):
        read_fixings(f"{lines(FIXING)}\n\n{lines(FIXING | changed)}")


@pytest.mark.parametrize("name", ["account", "venue", "symbol", "at", "quantity"])
def test_a_position_needs_all_of_its_names(name: str) -> None:
    with pytest.raises(InputError, match=f"positions, line 1: {name} is missing .it has "):
        read_positions(lines(without(POSITION, name)))


def test_a_fixing_without_an_interval_is_refused() -> None:
    with pytest.raises(InputError, match="interval_hours is missing"):
        read_fixings(lines(without(FIXING, "interval_hours")))


def test_a_contract_that_ended_before_it_was_listed() -> None:
    with pytest.raises(InputError, match="contracts, line 1: it ended before it was listed"):
        read_contracts(lines({"venue": "bybit", "symbol": "BTCUSDT", "listed": "2024-01-02T00:00:00Z", "ended": "2024-01-01T00:00:00Z"}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "positions: there is not one line"),
        ("\n \n", "positions: there is not one line"),
        ("[]", "positions: there is not one line"),
        ('{"account": ', "positions, line 1: no JSON: Expecting value at column"),
        (f"{json.dumps(POSITION)}\n{{oops}}", "positions, line 2: no JSON: .* at column 2"),
        ('[{"account": "me"},\n oops]', "positions: no JSON: .* at line 2, column 2"),
        ("7", "positions, line 1: 7 is no object"),
        ("[7]", "positions, entry 1: 7 is no object"),
        ('{"quantity": NaN}', "positions, line 1: NaN is not a number. Leave out what is not known"),
        ('{"quantity": -Infinity}', "-Infinity is not a number"),
        ("[" * 100_000, "positions: no JSON that can be read: too deep"),
        (f'{{"quantity": {"9" * 5000}}}', "a number too long"),
    ],
)
def test_what_is_no_table_of_rows(text: str, words: str) -> None:
    with pytest.raises(InputError, match=f"^{words}" if words.startswith("positions") else words):
        read_positions(text)


def test_entries_of_a_list_are_numbered() -> None:
    with pytest.raises(InputError, match="positions, entry 2: quantity is missing"):
        read_positions(json.dumps([POSITION, without(POSITION, "quantity")]))
