"""Do the rules of binancecoinm say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestBinanceCoinm(RuleBook):
    venue = "binancecoinm"
