"""Do the rules of binanceusdm say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestBinanceUsdm(RuleBook):
    venue = "binanceusdm"
