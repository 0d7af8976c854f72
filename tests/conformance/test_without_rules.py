"""Are the venues known that have prices but no funding rule of the one formula?"""

from __future__ import annotations

from tests.conformance.suite import SymbolBook


class TestBinanceSpot(SymbolBook):
    venue = "binance"


class TestCoinbase(SymbolBook):
    venue = "coinbase"


class TestYahoo(SymbolBook):
    venue = "yahoo"


class TestTokenInsight(SymbolBook):
    venue = "tokeninsight"


class TestCme(SymbolBook):
    venue = "cme"
