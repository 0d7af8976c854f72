"""Are positions of a file paid as each venue pays, and is everything assumed, doubted or left out told?"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from perpscope.audit.paid import terms
from perpscope.catalogue.contracts import Known, known_contract
from perpscope.errors import InputError
from perpscope.market.time import day_ms
from tests.unit.audit.paying import fixing, held, paid


def test_deribit_accrues_by_the_minute() -> None:
    """One minute of 10,000 dollars at 0.00075 per 8 h and an index of 10,000.

    Source: support.deribit.com Funding Specifications (venue_examples deribit-1min); ten dollars a contract.
    """
    deribit = {"venue": "deribit", "symbol": "BTC-PERPETUAL"}
    found = paid([held("03:00", "1000", **deribit), held("03:01", "0", **deribit)], [fixing("08:00", "0.00075", 8, "10000", **deribit)])
    assert found.settled.totals == {"BTC": Fraction("-0.0000015625")}
    whole = paid([held("00:00", "1000", **deribit)], [fixing("08:00", "0.00075", 8, "10000", **deribit)])
    assert whole.settled.totals == {"BTC": Fraction("-0.00075")}


def test_hyperliquid_pays_an_eighth_each_hour_at_the_oracle() -> None:
    """Ten bitcoin at 10,000, 0.95 % per 8 h.

    Source: hyperliquid gitbook trading/funding, dzmbs/hyperliquid-docs docs/trading/funding.md @24c1248c.
    """
    where = {"venue": "hyperliquid", "symbol": "BTC"}
    found = paid([held("00:30", "10", **where)], [fixing("01:00", "0.0011875", 1, "10000", **where)])
    assert found.settled.totals == {"USDC": Fraction("-118.75")}


@pytest.mark.parametrize(
    ("rate", "price", "amounts"),
    [
        ("0.00017875", "27000", {"Alice": "-3.856", "Bob": "4.82", "Carl": "-0.964"}),
        ("-0.015", "33500", {"Alice": "402", "Bob": "-502.5", "Carl": "100.5"}),
    ],
)
def test_dydx_moves_an_index_in_whole_grains(rate: str, price: str, amounts: dict[str, str]) -> None:
    """Rates of 1430 and -120000 millionths per 8 h, an hour each; the index moves by 482 and -50250.

    Source: dydxprotocol/v4-chain @84d4664b protocol/testing/e2e/funding/funding_e2e_test.go.
    """
    where = {"venue": "dydx", "symbol": "BTC-USD"}
    positions = [held("00:30", quantity, account=name, **where) for name, quantity in (("Alice", "0.8"), ("Bob", "-1"), ("Carl", "0.2"))]
    found = paid(positions, [fixing("01:00", rate, 1, price, **where)])
    assert {p.account: p.amount for p in found.settled.payments} == {name: Fraction(amount) for name, amount in amounts.items()}
    assert found.settled.conservation_error == {"USDC": 0}


def test_dydx3_pays_each_hour() -> None:
    """Source: dYdX v3 docs, F = (-1) x S x P x R (venue_examples dydx3-formula)."""
    where = {"venue": "dydx3", "symbol": "BTC-USD"}
    at = "2023-05-01T{}:00Z".format
    found = paid([held(at("00:30"), "2", **where)], [fixing(at("01:00"), "0.0001125", 1, "30000", **where)])
    assert found.settled.totals == {"USDC": Fraction("-6.75")}


def test_kraken_states_an_amount_per_bitcoin_and_hour_that_accrues() -> None:
    """What was decided by 16:00 accrues until 17:00: half of it for whoever came at 16:30, all of it an hour later.

    The amount is paid as such; taken for a fraction it would be ten thousand times too much (krakenfx/kraken-cli issue 26).

    Source: ccxt/ccxt PR 19691 (venue_examples kraken-abs-rel-1): 0.858943191939791995 dollars per bitcoin, 0.000020164637711864 of it.
    """
    where = {"venue": "krakenfutures", "symbol": "PF_XBTUSD"}
    at = "2022-03-22T{}:00Z".format
    absolute, relative = "0.858943191939791995", "0.000020164637711864"
    hour = [
        fixing(at("17:00"), relative, 1, None, per_base=absolute, **where),
        fixing(at("18:00"), relative, 1, None, per_base=absolute, **where),
    ]
    found = paid([held(at("16:30"), "2", **where)], hour)
    assert [p.amount for p in found.settled.payments] == [-Fraction(absolute), -2 * Fraction(absolute)]
    with pytest.raises(InputError, match=r"funding_rate is 4\.25, more than the whole notional"):
        paid([held(at("16:30"), "2", **where)], [fixing(at("17:00"), "4.25", 1, "42596.51", **where)])
    below_one = paid([held(at("16:30"), "2", **where)], [fixing(at("17:00"), absolute, 1, "42596.51", **where)])
    assert "are they percent?" in below_one.notes[0]
    by_rate = paid([held(at("16:00"), "1", **where)], [fixing(at("17:00"), relative, 1, "42596.51", **where)])
    # the index is printed to the cent, half of which is 2e-7 of an amount below a dollar
    assert abs(Fraction(by_rate.settled.totals["USD"]) + Fraction(absolute)) < Fraction("2e-7")


def test_binance_may_count_fifteen_seconds_either_way() -> None:
    found = paid([held("2024-05-01T07:59:50Z", "1")], [fixing("08:00", "0.0001", 8, "60000")])
    assert found.settled.payments[0].doubt == "the position changed at 2024-05-01T07:59:50Z, inside the 15 s the venue allows itself"
    assert "1 payments are in doubt: the position changed within the venue's tolerance of the stamp" in found.notes


def test_the_document_of_the_command() -> None:
    found = paid([held("00:00", "2"), held("00:00", "-2", account="other")], [fixing("08:00", "0.0001", 8, "60000")]).document()
    assert found["totals_by_asset"] == {"USDT": 0}
    assert found["conservation_error"] == 0
    assert found["payments"][0] == {  # type: ignore[index]  # a list in a document
        "account": "me",
        "venue": "binanceusdm",
        "symbol": "BTC/USDT:USDT",
        "at": "2024-05-01T08:00:00Z",
        "quantity": 2,
        "funding_rate": Fraction("0.0001"),
        "interval_hours": 8,
        "price": 60_000,
        "amount": -12,
        "asset": "USDT",
        "estimated": False,
        "possible_error": 0,
        "doubt": None,
    }
    assert found["notes"] == []


def test_the_life_of_a_contract_from_a_users_file() -> None:
    contracts = [
        {"venue": "binanceusdm", "symbol": "LITUSDT", "ended": "2024-05-01T10:00:00Z"},
        {"venue": "binanceusdm", "symbol": "LITUSDT", "listed": "2024-05-01T20:00:00Z"},
    ]
    named = {"symbol": "LIT/USDT:USDT"}
    fixings = [fixing(at, "0.0001", 8, "1.5", **named) for at in ("08:00", "16:00", "2024-05-02T00:00:00Z")]
    found = paid([held("01:00", "100", **named)], fixings, contracts)
    assert [p.amount for p in found.settled.payments] == [Fraction("-0.015")]
    assert found.document()["ignored_fixings"] == 1
    assert found.notes == [
        (
            "binanceusdm LIT/USDT:USDT: 2 contracts had this name (an unknown time to 2024-05-01T10:00:00Z, "
            "then 2024-05-01T20:00:00Z to now); no position passes from one to the next"
        ),
        "1 fixings lie outside the life of their contract and pay nothing",
    ]
    with pytest.raises(InputError, match="the contract ended at 2024-05-01T10:00:00Z"):
        paid([held("12:00", "100", **named)], fixings, contracts)


def test_a_position_after_its_venue_closed() -> None:
    where = {"venue": "perpfi1", "symbol": "BTC/USDC:USDC"}
    with pytest.raises(InputError, match="its venue had closed by then"):
        paid([held("00:00", "1", **where)], [fixing("01:00", "0.0001", 1, "60000", **where)])


def test_a_size_nobody_knows_is_assumed_aloud_and_a_given_one_is_taken() -> None:
    where = {"venue": "gate", "symbol": "XYZ/USDT:USDT"}
    rows = [held("00:00", "3", **where)], [fixing("08:00", "0.0001", 8, "10", **where)]
    found = paid(*rows)
    assert found.settled.totals == {"USDT": Fraction("-0.003")}
    assert found.notes == ["gate XYZ/USDT:USDT: one contract is assumed to be one base unit: its size is not in the catalogue"]
    told = paid(*rows, [{"venue": "gate", "symbol": "XYZ/USDT:USDT", "contract_size": "100"}])
    assert (told.settled.totals, told.notes) == ({"USDT": Fraction("-0.3")}, [])


def test_two_sizes_of_one_contract_are_refused() -> None:
    with pytest.raises(InputError, match="the contract size of binanceusdm BTC/USDT:USDT: 1 and 2"):
        paid([held("00:00", "3") | {"contract_size": 1}], [fixing("08:00", "0.0001", 8, "10", contract_size=2)])


def test_rates_that_look_like_percent_are_asked_about() -> None:
    percent = [fixing(at, rate, 8, "60000") for at, rate in (("08:00", "0.01"), ("16:00", "-0.012"), ("2024-05-02T00:00:00Z", "0.002"))]
    assert paid([held("00:00", "1")], percent).notes == [
        "binanceusdm BTC/USDT:USDT: half of the rates are 1.00% per 8 h or more; are they percent? 0.01 % is 0.0001"
    ]
    hourly = [fixing("01:00", "0.00125", 1, "60000", "hyperliquid", "BTC/USDC:USDC")]
    assert "are they percent?" in paid([held("00:30", "1", "hyperliquid", "BTC")], hourly).notes[0]


def test_fixings_of_contracts_nobody_holds_are_counted() -> None:
    others = [fixing("08:00", "0.0001", 8, "3000", symbol="ETH/USDT:USDT") for _ in range(2)]
    found = paid([held("00:00", "1")], [fixing("08:00", "0.0001", 8, "60000"), *others])
    assert found.notes == ["2 fixings are of contracts nobody holds: binanceusdm ETH/USDT:USDT"]


def test_holes_are_told() -> None:
    days = [fixing(f"2024-05-{day:02}T08:00:00Z", "0.0001", 8, "60000") for day in (1, 2, 3)]
    found = paid([held("00:00", "1")], days)
    assert found.notes == [
        (
            "binanceusdm BTC/USDT:USDT: 32 h were held without a known fixing, and nothing is paid for them; "
            "holes: 2, first 2024-05-01T08:00:00Z to 2024-05-02T00:00:00Z"
        ),
    ]
    assert len(found.document()["holes"]) == 2  # type: ignore[arg-type]  # a list in a document


def test_terms_of_payment_that_change_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was looked up at the first position holds throughout; a lag that falls moves no payment."""
    rows = [held("2022-06-29T00:00:00Z", "1", "bybit")], [fixing("2023-06-01T00:00:00Z", "0.0001", 8, "20000", "bybit")]
    assert not any("its terms of payment are others" in note for note in paid(*rows).notes)
    assert [known_contract("bybit", "BTC/USDT:USDT", day_ms(day)).settle.lag for day in ("2022-06-29", "2023-06-01")] == [1, 0]

    def rounded_since_july(venue: str, symbol: str, ms: int, **more: Any) -> Known:  # noqa: ANN401 - as the catalogue's own
        found = known_contract(venue, symbol, ms, **more)
        return replace(found, settle=replace(found.settle, money_grains=100)) if ms >= day_ms("2022-07-01") else found

    monkeypatch.setattr(terms, "known_contract", rounded_since_july)
    note = "bybit BTC/USDT:USDT: all is paid as on 2022-06-29T00:00:00Z; by 2023-06-01T00:00:00Z its terms of payment are others"
    assert note in paid(*rows).notes


def test_receivers_of_a_shared_sum_are_warned() -> None:
    found = paid(
        [held("00:00", "1", "gmx2", "BTC/USDC:USDC")],
        [fixing("01:00", "0.0001", 1, "60000", "gmx2", "BTC/USDC:USDC")],
        missing_price="stop",
    )
    assert any("these accounts are taken for all there are" in note for note in found.notes)


def test_jittered_doubled_and_shuffled_files_give_the_same_ledger() -> None:
    positions = [held("00:00", "1"), held("09:00", "-2")]
    fixings = [fixing("08:00", "0.0001", 8, "60000"), fixing("16:00", "0.0002", 8, "61000")]
    late = [fixing("2024-05-01T16:00:00.011Z", "0.0002", 8, "61000"), fixing("2024-05-01T07:59:59.990Z", "0.0001", 8, "60000")]
    once = paid(positions, fixings)
    assert paid(positions, late).settled == once.settled
    assert paid(positions[::-1], [*fixings, *late]).settled == once.settled
    shifted = [fixing("2024-05-01T10:00:00+02:00", "0.0001", 8, "60000"), fixings[1]]
    assert paid(positions, shifted).settled == once.settled
