"""How do venues write funding payments? Examples of their documents and of ccxt 4.5.78, and recorded rows in public repositories.

Each module of `perpscope.sources.receipts` names its own source.
"""

from __future__ import annotations

INCOME = {
    "symbol": "ETHUSDT",
    "incomeType": "FUNDING_FEE",
    "income": "0.00134317",
    "asset": "USDT",
    "time": "1621584000000",
    "info": "FUNDING_FEE",
    "tranId": "4480321991774044580",
    "tradeId": "",
}
BYBIT_EXECUTION = {
    "symbol": "XMRUSDT",
    "execTime": "1710950400000",
    "feeCurrency": "",
    "feeRate": "-0.000761",
    "markPrice": "136.79",
    "execPrice": "137.11",
    "execValue": "134.3678",
    "execType": "Funding",
    "side": "Sell",
    "execFee": "-0.10232512",
    "execId": "8d1ef156-4ec6-4445-9a6c-1c0c24dbd046",
    "execQty": "0.98",
}
BYBIT_LOG = {
    "symbol": "XRPUSDT",
    "side": "Buy",
    "funding": "-0.003676",
    "fee": "0.00000000",
    "change": "-0.003676",
    "transactionTime": "1672128000000",
    "type": "SETTLEMENT",
    "feeRate": "0.0001",
    "size": "100",
    "qty": "100",
    "currency": "USDT",
    "category": "linear",
    "tradePrice": "0.3676",
    "tradeId": "534c0003-4bf7-486f-aa02-78cee36825e4",
}
OKX_BILL = {
    "bal": "0.0242946200998573",
    "balChg": "0.0000148752712240",
    "billId": "377970609204146187",
    "ccy": "ETH",
    "instId": "ETH-USD-SWAP",
    "pnl": "0.000014875271224",
    "posBalChg": "0",
    "subType": "174",
    "sz": "9",
    "ts": "1636387215588",
    "type": "8",
}
BITMEX_EXECUTION = {
    "execID": "d7ba8934-366f-0ddb-31b8-f745db13e01d",
    "symbol": "XBTUSD",
    "side": "",
    "lastQty": 169,
    "lastPx": 9268.18,
    "settlCurrency": "XBt",
    "execType": "Funding",
    "commission": -0.0001,
    "execCost": 1823510,
    "execComm": -182,
    "homeNotional": -0.0182351,
    "foreignNotional": 169,
    "transactTime": "2020-07-14T20:00:00Z",
    "timestamp": "2020-07-14T20:00:00.002Z",
}
HYPERLIQUID = {
    "time": 1734026400057,
    "hash": "0x" + "0" * 64,
    "delta": {"type": "funding", "coin": "SOL", "usdc": "75.635093", "szi": "-7375.9", "fundingRate": "0.00004381", "nSamples": None},
}
DYDX_THIRD = {
    "market": "SUSHI-USD",
    "payment": "-0.000142",
    "rate": "0.0000077675",
    "positionSize": "12",
    "price": "1.524267",
    "effectiveAt": "2022-07-29T23:00:00Z",
}
DYDX_FOURTH = {
    "createdAt": "2026-01-01T01:00:07.123Z",
    "createdAtHeight": "1",
    "perpetualId": "0",
    "ticker": "BTC-USD",
    "oraclePrice": "90000",
    "size": "-0.5",
    "side": "SHORT",
    "rate": "0.00000125",
    "payment": "0.05625",
    "subaccountNumber": "0",
    "fundingIndex": "1",
}
KRAKEN = {
    "id": 6,
    "date": "2026-09-17T12:00:00.000Z",
    "asset": "usd",
    "contract": "pf_dogeusd",
    "booking_uid": "124f43a6-389a-4349-abc6-06fc7eeac86b",
    "funding_rate": 9.288451412e-7,
    "info": "funding rate change",
    "old_balance": 0.0002,
    "new_balance": 0,
    "realized_funding": -0.0002,
}
GATE = {"time": 1646899200, "change": "-0.027722", "balance": "11.653120591841", "text": "XRP_USDT", "type": "fund"}
KUCOIN_CLASSIC = {
    "id": 239471298749817,
    "symbol": "ETHUSDTM",
    "timePoint": 1638532800000,
    "fundingRate": 0.0001,
    "markPrice": 4612.83,
    "positionQty": 12,
    "positionCost": 553.5396,
    "funding": -0.05535396,
    "settleCurrency": "USDT",
}
KUCOIN_UNIFIED = {
    "symbol": "DOGEUSDTM",
    "fundingRate": "0.000172",
    "markPrice": "0.09326",
    "size": "-1",
    "positionValue": "-9.326",
    "fundingFee": "0.00160407",
    "settleCurrency": "USDT",
    "settlementTime": 1775030400000,
}
BITGET = {
    "billId": "1111499428100472833",
    "symbol": "BTCUSDT",
    "amount": "-0.004992",
    "fee": "0",
    "businessType": "contract_settle_fee",
    "coin": "USDT",
    "cTime": "1700728034996",
}
MEXC = {
    "id": 7423910,
    "symbol": "BTC_USDT",
    "positionType": 1,
    "positionValue": 29.30024,
    "funding": 0.00076180624,
    "rate": -0.000026,
    "settleTime": 1643299200000,
}
HTX = {"id": "1667161118", "symbol": "BTC", "type": "31", "amount": "-2.11306593188E-7", "ts": "1641139308983", "contract_code": "BTC-USD"}
DERIBIT = {
    "type": "settlement",
    "timestamp": 1550475692526,
    "session_profit_loss": 0.038358299,
    "profit_loss": -0.001783937,
    "position": 1000,
    "mark_price": 11000,
    "instrument_name": "BTC-PERPETUAL",
    "index_price": 11008.37,
    "funding": -2.511e-06,
}
COINFLEX = {
    "id": "810583329213284361",
    "marketCode": "BTC-USDT-SWAP-LIN",
    "payment": "-122.17530872",
    "fundingRate": "-0.00005",
    "position": "-61.093",
    "indexPrice": "39996.5",
    "createdAt": "1627617632190",
}
