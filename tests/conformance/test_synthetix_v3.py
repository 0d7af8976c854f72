"""Do the rules of synthetix_v3_base say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestSynthetixV3Base(RuleBook):
    venue = "synthetix_v3_base"
