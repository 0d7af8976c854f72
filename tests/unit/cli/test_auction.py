"""Do the verbs of `auction` print what they promise, and refuse what cannot be cleared?"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from perpscope.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE: dict[str, Any] = {
    "delivered_long": 100,
    "delivered_short": 80,
    "bids": [[-0.0001, 10], [-0.00015, 10], [-0.0002, 20], [-0.00025, 30]],
    "asks": [[0.0001, 10], [0.00015, 10], [0.0002, 10], [0.00025, 10]],
}
DAY: dict[str, Any] = {"close": 100.0, "longs": [[0.03, 5], [0.01, 5]], "shorts": [[0.0, 6], [0.02, 4]]}


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    """Run one command line in place; gives exit code, data and talk."""

    def asked(*tokens: str, stdin: object = "") -> tuple[int, str, str]:
        text = stdin if isinstance(stdin, str) else json.dumps(stdin)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        code = run(["auction", *tokens])
        out, err = capsys.readouterr()
        return code, out, err

    return asked


Ask = Any


def cleared(ask: Ask, book: object, *options: str) -> dict[str, Any]:
    code, out, _ = ask("clear", "--format", "json", *options, stdin=book)
    assert code == 0
    found: dict[str, Any] = json.loads(out)
    return found


def test_clear_prints_the_page_s_example_to_the_digit(ask: Ask) -> None:
    found = cleared(ask, PAGE)
    assert found == {
        "net_delivery": 20,
        "clearing_price": 0.00015,
        "funding_rate": -0.00015,
        "fills": [
            {"side": "ask", "rate": 0.0001, "quantity": 10, "price": 0.00015},
            {"side": "ask", "rate": 0.00015, "quantity": 10, "price": 0.00015},
        ],
        "undelivered": 0,
        "failed": False,
        "rejected": [],
    }


def test_clear_of_the_spec_s_example(ask: Ask, shared: Path) -> None:
    given = json.loads((shared / "spec" / "venue_examples.json").read_text(encoding="utf-8"))
    example = next(entry for entry in given if entry["id"] == "coinflex-80-100")
    inputs = example["inputs"]
    book = {"delivered_long": inputs["long_delivered"], "delivered_short": inputs["short_delivered"], **inputs["repo_book"]}
    found = cleared(ask, book)
    assert {name: float(value) for name, value in example["expected"].items()} == {name: found[name] for name in example["expected"]}


def test_quantities_and_rates_are_decimals_and_not_doubles(ask: Ask) -> None:
    """In doubles 0.1 + 0.2 - 0.3 is 5.6e-17, which would leave a grain undelivered."""
    found = cleared(ask, {**PAGE, "delivered_long": 0.3, "delivered_short": 0, "asks": [[0.0001, 0.1], [0.0003, 0.2]]})
    assert (found["undelivered"], found["failed"], found["funding_rate"]) == (0, False, -0.0003)
    assert [fill["quantity"] for fill in found["fills"]] == [0.1, 0.2]


def test_clear_reads_a_file_and_prints_tables_and_csv(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "book.json"
    file.write_text(json.dumps(PAGE), encoding="utf-8")
    assert ask("clear", str(file), "--format", "json") == ask("clear", "-", "--format", "json", stdin=PAGE)
    assert "funding_rate" in ask("clear", str(file))[1]
    header, row = ask("clear", str(file), "--format", "csv")[1].splitlines()
    assert header.startswith("net_delivery,clearing_price,funding_rate,")
    assert row.startswith("20,0.00015,-0.00015,")


def test_a_failed_delivery_has_no_rate_unless_one_is_given(ask: Ask) -> None:
    thin = {**PAGE, "delivered_long": 0, "delivered_short": 100}
    code, out, err = ask("clear", "--format", "json", stdin=thin)
    found = json.loads(out)
    assert (code, found["failed"], found["undelivered"], found["clearing_price"], found["funding_rate"]) == (0, True, 30, -0.00025, None)
    assert "30 of the shorts found nobody" in err
    assert "--failure-rate" in err
    assert cleared(ask, thin, "--failure-rate", "0.01")["funding_rate"] == 0.01
    code, out, err = ask("clear", "--failure-rate", "-0.01", "--format", "json", stdin=thin)
    assert (code, json.loads(out)["funding_rate"]) == (0, -0.01)
    assert "is its sign right?" in err


def test_an_empty_book_fails_without_a_price(ask: Ask) -> None:
    found = cleared(ask, {**PAGE, "asks": []})
    assert (found["failed"], found["undelivered"], found["clearing_price"], found["funding_rate"]) == (True, 20, None, None)


def test_balanced_deliveries_trade_nothing(ask: Ask) -> None:
    code, out, err = ask("clear", "--format", "json", stdin={**PAGE, "delivered_long": 80})
    found = json.loads(out)
    assert (found["net_delivery"], found["clearing_price"], found["funding_rate"], found["fills"]) == (0, None, 0, [])
    assert (code, err, "-0.0" in out) == (0, "", False)


def test_orders_of_the_wrong_sign_are_told_and_take_no_part(ask: Ask) -> None:
    found = cleared(ask, {**PAGE, "asks": [[-0.0001, 20], *PAGE["asks"]], "bids": [[0.0001, 1]]})
    assert found["clearing_price"] == 0.00015
    assert found["rejected"] == [{"side": "bid", "rate": 0.0001, "quantity": 1}, {"side": "ask", "rate": -0.0001, "quantity": 20}]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"delivered_long": -1}, "delivered_long: a number >= 0.0 belongs there"),
        ({"delivered_short": "nan"}, "delivered_short: a number >= 0.0 belongs there"),
        ({"delivered_long": "inf"}, "delivery by longs"),
        ({"bids": [[-0.0001, -10]]}, "bids, entry 1, entry 2: a number > 0.0 belongs there"),
        ({"asks": [[0.0001, 0]]}, "asks, entry 1, entry 2: a number > 0.0 belongs there"),
        ({"asks": [[0.0001]]}, "length 2"),
        ({"asks": [[0.0001, 1], [0.7, 1]]}, "the rate 0.7 of asks[1]: more than one half, which looks like percent"),
        ({"bids": [[-0.7, 1]]}, "the rate -0.7 of bids[0]"),
        ({"bids": [["nan", 1]]}, "nan is not a number"),
        ({"bids": None}, "bids: nothing where a list belongs"),
        ({"book": []}, "unknown: book"),
    ],
)
def test_what_is_no_book_is_refused_with_its_place(ask: Ask, change: dict[str, Any], message: str) -> None:
    code, out, err = ask("clear", stdin={**PAGE, **change})
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize("name", sorted(PAGE))
def test_a_missing_field_is_named(ask: Ask, name: str) -> None:
    code, _, err = ask("clear", stdin={key: value for key, value in PAGE.items() if key != name})
    assert code == 2
    assert f"no {name}" in err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing was given"),
        ("{", "truncated"),
        ('{"delivered_long": NaN}', "NaN is not a number"),
        ("[]", "a list where an object belongs"),
    ],
)
def test_what_is_no_json_is_refused(ask: Ask, text: str, message: str) -> None:
    code, _, err = ask("clear", stdin=text)
    assert code == 2
    assert message in err


def test_the_rate_of_a_failure_is_a_fraction(ask: Ask) -> None:
    assert ask("clear", "--failure-rate", "1", stdin=PAGE)[0] == 2
    assert "looks like percent" in ask("clear", "--failure-rate", "1", stdin=PAGE)[2]
    assert "is not a number" in ask("clear", "--failure-rate", "nan", stdin=PAGE)[2]


def test_carry_prints_the_charge_and_who_delivers(ask: Ask) -> None:
    code, out, err = ask("carry", "--format", "json", stdin=DAY)
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "charge": 0.01,
        "rate": 0.0001,
        "next_base": 100.01,
        "carried": 6,
        "deliveries": 4,
        "receipts": 4,
        "delivering": [0, 4],
        "receiving": [0, 4],
    }


def test_carry_of_who_has_no_limit(ask: Ask) -> None:
    _, out, _ = ask("carry", "--format", "json", stdin={**DAY, "shorts": [[None, 6], [0.02, 4]]})
    assert json.loads(out)["charge"] == 0.01
    code, out, err = ask("carry", "--format", "json", stdin={**DAY, "longs": [[None, 10]], "shorts": [[None, 10]]})
    assert (code, out) == (1, "")
    assert "any charge would do" in err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"close": 0}, "close: a number > 0.0 belongs there"),
        ({"longs": [[0.01, 3]]}, "open longs 3, open shorts 10"),
        ({"longs": [["nan", 10]]}, "a long to be carried"),
        ({"shorts": [[0.01, -10]]}, "shorts, entry 1, entry 2: a number > 0.0 belongs there"),
        ({"rate": 1}, "unknown: rate"),
    ],
)
def test_what_is_no_day_is_refused(ask: Ask, change: dict[str, Any], message: str) -> None:
    code, out, err = ask("carry", stdin={**DAY, **change})
    assert (code, out) == (2, "")
    assert message in err
