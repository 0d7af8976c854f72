"""Are margin tables found by their dates, with their sources, and is what nobody recorded an error?"""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from perpscope.catalogue.bracket_file import parse_brackets, read_brackets
from perpscope.catalogue.brackets import bracket_rows, bracket_venue, bracket_venues, find_brackets, load_brackets
from perpscope.errors import CatalogueError, InputError
from perpscope.market.brackets import Brackets
from perpscope.market.number import INF
from perpscope.market.time import day_ms


def found(venue: str, contract: str, day: str) -> tuple[str, int | None, Fraction, int]:
    row = find_brackets(venue, contract, day_ms(day))
    return row.relation, row.gap_days, Fraction(row.brackets.tiers[0].maintenance), len(row.brackets.tiers)


def test_every_table_and_every_remark_has_a_source_a_status_and_dates_in_order() -> None:
    for venue in bracket_venues():
        for row in load_brackets(venue):
            assert row.source
            assert row.venue == venue
            assert row.status in {"verified", "stated", "inferred"}
            assert row.says or row.brackets is not None
            assert row.since is None or row.until is None or row.since < row.until
            assert row.brackets is None or row.contracts


def test_the_catalogue_holds_every_bracket_of_the_costs(shared: Path) -> None:
    """Each of the 96 entries is a row or several: the numbers of tables are compared, remarks are counted."""
    entries = [e for e in json.loads((shared / "spec" / "costs.json").read_text(encoding="utf-8")) if e["kind"] == "bracket"]
    assert len(entries) == 96
    rows = [row for venue in bracket_venues() for row in load_brackets(venue)]
    tables = {_numbers(row.brackets) for row in rows if row.brackets is not None}
    missing = []
    for entry in entries:
        value = entry["value"]
        columns = value.get("columns", [])
        if {"mmr", "max_leverage"} <= set(columns) and "rows" in value:
            wanted = tuple(
                (INF if line[0] is None else Fraction(line[0]), Fraction(repr(line[columns.index("mmr")]))) for line in value["rows"]
            )
            missing += [entry] if wanted not in tables else []
    assert missing == []
    assert sum(bool(row.says) for row in rows) == 14
    assert len(rows) == 102


def _numbers(table: Brackets) -> tuple[tuple[object, object], ...]:
    return tuple((tier.upto, tier.maintenance) for tier in table.tiers)


@pytest.mark.parametrize(
    ("venue", "contract", "day", "expected"),
    [
        ("binanceusdm", "BTCUSDT", "2023-01-01", ("in force", 0, "0.004", 10)),
        ("Binance USD-M", "BTC/USDT:USDT", "2021-06-01", ("in force", 0, "0.004", 10)),
        ("fapi", "btc", "2024-10-23", ("in force", 0, "0.004", 12)),
        ("binanceusdm", "BTCUSDT", "2024-10-25", ("nearest", 2, "0.004", 12)),
        ("binanceusdm", "BTCUSDT", "2021-03-01", ("nearest", 18, "0.004", 10)),
        ("bitmex", "XBTUSD", "2020-04-20", ("in force", 0, "0.0045", 1)),
        ("bitmex", "XBTUSD", "2021-07-22", ("in force", 0, "0.0035", 283)),
        ("bitmex", "XBTUSD", "2021-07-25", ("nearest", 3, "0.0035", 283)),
        ("bitmex", "XBTUSD", "2024-12-24", ("nearest", 30, "0.005", 199)),
        ("dydx3", "BTC-USD", "2021-10-28", ("in force", 0, "0.03", 97)),
        ("dydx1", "BTC/USDC:USDC", "2020-05-01", ("in force", 0, "0.075", 1)),
        ("deribit", "BTC-PERPETUAL", "2021-12-31", ("in force", 0, "0.00525", 1)),
        ("deribit", "BTC/USD:BTC", "2022-02-01", ("in force", 0, "0.01", 1)),
        ("krakenfutures", "PI_XBTUSD", "2021-07-22", ("in force", 0, "0.01", 8)),
        ("ascendex", "BTC-PERP", "2022-04-20", ("nearest", 5, "0.006", 6)),
        ("AscendEX", "BTC", "2022-04-20", ("nearest", 5, "0.006", 6)),
        ("hyperliquid", "kPEPE", "2025-06-01", ("undated", None, "0.05", 2)),
        ("bybit", "BTCUSDT", "2025-06-01", ("undated", None, "0.005", 20)),
        ("okx", "AAVE-USDT-SWAP", "2022-05-01", ("in force", 0, "0.01", 193)),
    ],
)
def test_the_table_of_a_day(venue: str, contract: str, day: str, expected: tuple[str, int | None, str, int]) -> None:
    relation, gap, rate, tiers = expected
    assert found(venue, contract, day) == (relation, gap, Fraction(rate), tiers)


def test_one_follows_the_other_without_a_gap_where_the_source_says_so() -> None:
    """The tables of one contract between its first and its last sight: every day has exactly one answer in force."""
    rows = sorted((r.since, r.until) for r in load_brackets("binanceusdm") if r.contracts == ("ETHUSDT",) and r.since and r.until)
    for (_, ends), (starts, _) in pairwise(rows):
        assert ends == starts


def test_an_open_table_ends_where_another_was_seen() -> None:
    """0.40 % holds from 2020-05-05; 0.35 % was seen on 2021-07-22: on that day the first is over."""
    row = find_brackets("bitmex", "XBTUSD", day_ms("2021-06-01")).row
    assert (row.brackets or Brackets.flat(0)).tiers[0].maintenance == Fraction("0.004")
    assert row.until == day_ms("2021-07-22")


def test_what_is_taken_for_granted_is_said() -> None:
    near = find_brackets("ascendex", "BTC-PERP", day_ms("2022-04-20"))
    assert near.assumed[0] == "the table of 5 days away still or already held"
    assert any("marginal" in words for words in near.assumed)
    undated = find_brackets("bybit", "BTCUSDT", day_ms("2025-01-01"))
    assert "the undated table held" in undated.assumed
    assert "no date" in undated.doubts[0]
    assert find_brackets("binanceusdm", "BTCUSDT", day_ms("2023-01-01")).assumed == ()
    base = find_brackets("bitmex", "XBTUSD", day_ms("2020-04-20"))
    assert "the base rate for the whole position" in base.assumed[0]
    early = find_brackets("bitmex", "XBTUSD", day_ms("2018-04-20"))
    assert early.doubts == ("since when it held is not on record",)


def test_a_table_tells_its_source_and_dates() -> None:
    told = find_brackets("binanceusdm", "SOLUSDT", day_ms("2023-01-20")).told()
    assert told["source"] == "freqtrade/freqtrade, freqtrade/exchange/binance_leverage_tiers.json@47b50a8a2"
    assert (told["status"], told["from"], told["to"], told["gap_days"]) == ("verified", "2023-01-13T00:00:00Z", "2023-02-17T00:00:00Z", 0)


def test_the_amounts_of_a_marginal_table_are_the_venue_s_own() -> None:
    """The table of 2021-03-18 against the amounts in a copy of 2021-03-26 (gist.github.com/highfestiva/b71e76f5...)."""
    table = find_brackets("binanceusdm", "BTCUSDT", day_ms("2021-03-26")).brackets
    amounts = [0, 50, 1_300, 16_300, 266_300, 1_266_300, 2_516_300, 5_016_300, 25_016_300, 100_016_300]
    assert [tier.deduction for tier in table.tiers] == amounts


def test_the_deductions_a_venue_prints_follow_from_continuity() -> None:
    table = find_brackets("bybit", "BTCUSDT", day_ms("2025-01-01")).brackets
    again = Brackets.of([(tier.upto, tier.maintenance, tier.initial) for tier in table.tiers])
    assert table.tiers == again.tiers
    assert table.tiers[-1].deduction == 1_482_000


def test_steps_go_on_as_the_venue_s_own_example() -> None:
    """bitmex.com/app/riskLimitsExamples: 200 XBT 0.5 % and 1 %, 350: 1 % and 1.5 %, 500: 1.5 % and 2 %, 650: 2 % and 2.5 %."""
    table = find_brackets("bitmex", "XBTUSD", day_ms("2024-11-24")).brackets
    rows = [(tier.upto, tier.maintenance, tier.initial) for tier in table.tiers[:4]]
    assert rows == [
        (200, Fraction("0.005"), Fraction("0.01")),
        (350, Fraction("0.01"), Fraction("0.015")),
        (500, Fraction("0.015"), Fraction("0.02")),
        (650, Fraction("0.02"), Fraction("0.025")),
    ]
    assert (table.tiers[-1].initial or 0) <= 1


def test_whole_tables_take_nothing_off() -> None:
    for venue, contract in (("okx", "AAVE-USDT-SWAP"), ("bitmex", "XBTUSD")):
        assert {tier.deduction for tier in find_brackets(venue, contract, day_ms("2022-05-01")).brackets.tiers} == {0}
    (row,) = read_brackets(OWN + "marginal = false\n", "own.toml")
    assert (row.brackets or Brackets.flat(0)).tiers[1].deduction == 0
    assert row.assumed == ("maintenance is asked of the value at the mark price",)


def test_half_of_the_initial_margin() -> None:
    """Hyperliquid: maintenance is half of 1 / max leverage at every tier."""
    for row in load_brackets("hyperliquid"):
        for tier in row.brackets.tiers if row.brackets else ():
            assert tier.initial is not None
            assert tier.maintenance == tier.initial / 2


@pytest.mark.parametrize(
    ("venue", "contract", "kind", "says"),
    [
        ("binanceusdm", "XRPUSDT", CatalogueError, "unknown; recorded are .*BTCUSDT.*Give --maintenance"),
        ("bitget", "BTCUSDT", CatalogueError, "none of this venue is recorded"),
        ("cme", "BTC/USD:USD", CatalogueError, "none of this venue is recorded"),
        ("nowhere", "BTC", InputError, "the catalogue has"),
        ("binanceusdm", "no such", InputError, "no contract of that name"),
        ("ascendex", "DOGE-PERP", InputError, "tables are recorded of BTC-PERP"),
    ],
)
def test_what_nobody_recorded_is_an_error(venue: str, contract: str, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says):
        find_brackets(venue, contract, day_ms("2023-01-01"))


def test_venues_are_named_by_id_name_or_alias() -> None:
    assert (bracket_venue("ascendex"), bracket_venue("ASCENDEX"), bracket_venue("bitmex")) == ("ascendex", "ascendex", "bitmex")
    assert {row["venue"] for row in bracket_rows()} == set(bracket_venues())
    assert {row["venue"] for row in bracket_rows("bmex")} == {"bitmex"}


CCXT = """{"XRP/USDT:USDT": [
  {"tier": 1, "maxNotional": 10000, "maintenanceMarginRate": 0.0065, "maxLeverage": 75},
  {"tier": 2, "maxNotional": null, "maintenanceMarginRate": 0.01, "maxLeverage": 50}
]}"""
OWN = """
[[bracket]]
venue = "binanceusdm"
contract = "XRP/USDT:USDT"
from = "2023-01-01"
tiers = [[10000, 0.0065, 75], [50000, 0.01, 50]]
"""


def test_a_user_s_file_fills_what_is_unknown_and_wins() -> None:
    rows = read_brackets(OWN, "own.toml")
    answer = find_brackets("binanceusdm", "XRPUSDT", day_ms("2023-06-01"), rows)
    assert (answer.row.source, answer.row.status, answer.relation) == ("own.toml", "given", "in force")
    assert answer.brackets.tiers[1].deduction == 35
    assert len(answer.assumed) == 2
    mine = read_brackets(OWN.replace("XRP/USDT:USDT", "BTCUSDT"), "own.toml")
    assert find_brackets("binanceusdm", "BTC", day_ms("2023-06-01"), mine).row.source == "own.toml"
    assert find_brackets("binanceusdm", "ETH", day_ms("2023-06-01"), mine).row.source != "own.toml"


@pytest.mark.parametrize(
    "text",
    [
        '{"contract": "XRPUSDT", "tiers": [[10000, 0.0065, 75], ["inf", "1/100", 50]], "source": "a page"}',
        '[{"contracts": ["XRPUSDT"], "columns": ["upto", "maintenance", "initial"], "tiers": [[10000, 0.0065, 0.02], [null, 0.01, 0.02]]}]',
        '{"brackets": [{"contracts": ["XRPUSDT"], "tiers": [{"upto": 10000, "maintenance": 0.0065}, {"maintenance": 0.01}]}]}',
        CCXT,
    ],
)
def test_forms_of_a_user_s_file(text: str) -> None:
    answer = find_brackets("binanceusdm", "XRPUSDT", day_ms("2023-06-01"), read_brackets(text, "own"))
    assert _numbers(answer.brackets) == ((10_000, Fraction("0.0065")), (INF, Fraction("0.01")))
    assert answer.relation == "undated"


def test_amounts_of_a_user_s_file_are_kept_as_they_are() -> None:
    text = '{"XRPUSDT": [{"maxNotional": 10, "maintenanceMarginRate": 0.01, "info": {"cum": "0.0"}},'
    text += ' {"maxNotional": 20, "maintenanceMarginRate": 0.02, "info": {"cum": "0.1"}}]}'
    (row,) = read_brackets(text, "own")
    assert [tier.deduction for tier in (row.brackets or Brackets.flat(0)).tiers] == [0, Fraction("0.1")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no rows with tiers"),
        ("nonsense", "neither JSON nor TOML"),
        ("[]", "no rows with tiers"),
        ('{"contract": "X", "tiers": [[1, 0.1, 2]], "typo": 1}', "names nobody reads: typo"),
        ('{"contract": "X", "tiers": [[1, 1.5, 2]]}', "a maintenance rate of"),
        ('{"contract": "X", "tiers": [[2, 0.1, 2], [1, 0.2, 2]]}', "Sort them"),
        ('{"contract": "X", "tiers": [[1, 0.1]]}', "Give upto, maintenance, leverage"),
        ('{"contract": "X", "tiers": [[1, "a", 2]]}', "Write decimals"),
        ('{"contract": "X", "tiers": [{"upto": 1}]}', "no maintenance rate"),
        ('{"contract": "X", "tiers": [[1, true, 2]]}', "Write decimals"),
        ('{"tiers": [[1, 0.1, 2]]}', "it names no contract"),
        ('{"contract": "X", "columns": ["a"], "tiers": [[1]]}', "columns a"),
        ('{"contract": "X", "measure": "weight", "tiers": [[1, 0.1, 2]]}', "measured by 'weight'"),
        ('{"contract": "X", "from": 2023, "tiers": [[1, 0.1, 2]]}', "Write it as text"),
        ('{"contract": "X", "from": "soon", "tiers": [[1, 0.1, 2]]}', "ISO 8601"),
        ('{"contract": "X", "tiers": []}', "no tiers"),
    ],
)
def test_a_file_that_cannot_be_is_refused_in_its_own_words(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_brackets(text, "own")


def test_a_file_of_the_catalogue_that_contradicts_itself_is_the_catalogue_s_fault() -> None:
    text = '[venue]\nid = "x"\n[sources]\ns1 = "a page"\n[[bracket]]\ncontracts = ["A"]\nsource = "s1"\ntiers = [[1, 1.5, 2]]\n'
    with pytest.raises(CatalogueError, match="the margins of x"):
        parse_brackets(text)
