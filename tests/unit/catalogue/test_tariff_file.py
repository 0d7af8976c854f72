"""Is a file of costs read exactly, and is each mistake in it named by its key?"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from perpscope.catalogue.tariff_file import parse_tariff, read_costs
from perpscope.errors import CatalogueError, InputError
from perpscope.market.time import day_ms

WHOLE = """
[venue]
id = "gate"
names = ["Gate"]
base = ["VIP0"]

[sources]
s1 = "a page"

[[fee]]
of = "perpetuals"
markets = ["perpetual"]
quotes = ["USDT"]
seen = "2023-02"
status = "stated"
source = "s1"
columns = ["tier", "says", "maker_pct", "taker_pct"]
tiers = [["base", "VIP0 (small)", 0.02, 0.05], [["VIP1", "VIP2"], "VIP1-2", "unknown", 0.04]]
"""


def test_one_number_in_three_units_is_one_number() -> None:
    three = [read_costs(f"[[fee]]\ntaker{unit} = {value}") for unit, value in (("", "0.0005"), ("_pct", "0.05"), ("_bp", "5"))]
    assert [row.numbers["taker"] for (row,) in three] == [(Fraction(1, 2000), Fraction(1, 2000))] * 3


def test_yearly_rates_are_simple_whatever_time_they_are_told_for() -> None:
    for key, value in (("per_year_pct", "7.3"), ("per_day_pct", "0.02"), ("per_hour_bp", "0.08333333333333333333")):
        (row,) = read_costs(f'[[borrow]]\nasset = "USDT"\n{key} = {value}')
        assert float(row.numbers["rate"][0]) == pytest.approx(0.073, rel=1e-15)  # the last digit of an hour's decimal


def test_json_and_toml_say_the_same() -> None:
    text = {"fee": {"venue": "gate", "maker_pct": -0.01, "taker_pct": [0.03, 0.05], "from": "2024-01-01"}}
    toml = '[[fee]]\nvenue = "gate"\nmaker_pct = -0.01\ntaker_pct = [0.03, 0.05]\nfrom = "2024-01-01"'
    assert read_costs(json.dumps(text), "x") == read_costs(toml, "x")


def test_a_table_of_tiers_is_a_row_for_each() -> None:
    tariff = parse_tariff(WHOLE)
    assert (tariff.venue, tariff.wallet, tariff.base) == ("gate", "gate", ("VIP0",))
    assert [(row.tier, row.says) for row in tariff.rows] == [("base", "VIP0 (small)"), ("VIP1", "VIP1-2"), ("VIP2", "VIP1-2")]
    base, first, _ = tariff.rows
    assert base.numbers == {"maker": (Fraction(2, 10_000),) * 2, "taker": (Fraction(5, 10_000),) * 2}
    assert (first.holes, sorted(first.numbers)) == (("maker",), ["taker"])
    assert base.whom.markets == ("linear", "inverse", "quanto")
    assert base.when.seen == ((day_ms("2023-02-01"), day_ms("2023-03-01")),)
    assert base.source == "a page"


@pytest.mark.parametrize(
    ("seen", "first", "last"),
    [
        ("2022", "2022-01-01", "2023-01-01"),
        ("2022-12", "2022-12-01", "2023-01-01"),
        ("2022-04-20", "2022-04-20", "2022-04-21"),
        ("2022-04-20/2023-02-09", "2022-04-20", "2023-02-10"),
    ],
)
def test_a_sighting_is_a_day_a_month_a_year_or_a_span(seen: str, first: str, last: str) -> None:
    (row,) = read_costs(f'[[fee]]\ntaker_bp = 5\nseen = "{seen}"')
    assert row.when.seen == ((day_ms(first), day_ms(last)),)


def test_what_is_assumed_says_so_with_its_reason() -> None:
    given, assumed = read_costs('[[spread]]\nhalf_bp = 1\n[[spread]]\nhalf_bp = 2\nassumed = true\nreason = "quiet hours"', "mine")
    assert (given.status, given.source) == ("given", "mine")
    assert (assumed.status, assumed.source) == ("assumed", "quiet hours (mine)")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[[fees]]\ntaker_bp = 5", "'fees'"),
        ("[[fee]]\ntaker_bps = 5", "'taker_bps'"),
        ("[[fee]]\nmaker = 0.0002\nmaker_bp = 2", "'maker_bp'"),
        ("[[fee]]\ntaker_bp = '5'", "'taker_bp'"),
        ("[[fee]]\ntaker_bp = true", "'taker_bp'"),
        ("[[fee]]\ntaker = 5", "a share of 5"),
        ("[[fee]]\nmaker = -0.05", "a share of -0.05"),
        ("[[fee]]\ntaker_bp = [6, 5]", "lower end first"),
        ("[[fee]]\ntaker_bp = [4, 5, 6]", "'taker_bp'"),
        ("[[fee]]\ntaker_bp = 5\nfrom = '2024-01-01'\nto = '2023-01-01'", "it ends before it begins"),
        ("[[liquidation]]\nfee_pct = 120", "a share of 1.2"),
        ("[[delivery]]\nfee = 1", "a share of 1"),
        ("[[impact]]\nhalf_bp = 1\ncoefficient = 1\nvolatility_pct = 4\nvolume = 0", "volume"),
        ("[[fee]]\nvenue = 'gate'", "no number"),
        ("[[fee]]\ntaker_bp = 5\nmarkets = ['futures', 'perps']", "'perps'"),
        ("[[fee]]\ntaker_bp = 5\nmarkets = 'spot'", "'markets'"),
        ("[[fee]]\ntaker_bp = 5\nfrom = '18.9.2025'", "'from'"),
        ("[[fee]]\ntaker_bp = 5\nfrom = 2025-09-18", "'from'"),
        ("[[fee]]\ntaker_bp = 5\nseen = '2023-02-09/2022-04-20'", "'seen'"),
        ("[[fee]]\ntaker_bp = 5\nassumed = true", "'reason'"),
        ("[[fee]]\ntaker_bp = 5\nassumed = 'yes'", "'assumed'"),
        ("[[fee]]\ntaker_bp = 5\nstatus = 'verified'", "'status'"),
        ("[[spread]]\nhalf_bp = -1", "below 0"),
        ("[[spread]]\ncosts_bp = [[1, 2]]", "'costs_bp'"),
        ("[[transfer]]\nasset = 'USDT'\nfee = -1", "below 0"),
        ("[[fee]]\ncolumns = ['tier', 'taker_bp']\ntiers = [['VIP1']]", "Give tier, taker_bp"),
        ("fee = 'low'", "no table"),
        ("[[fee]]\ntaker_bp = 1e999999", "neither JSON nor TOML"),
        ("taker: 5", "neither JSON nor TOML"),
        ("[]", "no rows"),
    ],
)
def test_each_mistake_is_named(text: str, named: str) -> None:
    with pytest.raises(InputError) as problem:
        read_costs(text)
    assert named in str(problem.value)


def test_a_file_of_the_catalogue_that_contradicts_itself_is_the_catalogue_s_fault() -> None:
    for broken in (
        WHOLE.replace('"stated"', '"surely"'),
        WHOLE.replace('source = "s1"', 'source = "s9"'),
        WHOLE.replace("maker_pct", "make"),
    ):
        with pytest.raises(CatalogueError):
            parse_tariff(broken)


def test_the_form_in_the_guide_is_read(root: Path) -> None:
    page = (root / "docs" / "guide" / "costs.md").read_text(encoding="utf-8")
    rows = read_costs(page.partition("```toml\n")[2].partition("```")[0])
    kinds = ["fee", "liquidation", "delivery", "spread", "impact", "borrow", "transfer", "tolerance", "opportunity"]
    assert [row.kind for row in rows] == kinds
    assert [row.kind for row in rows if row.status == "assumed"] == ["spread", "impact"]
