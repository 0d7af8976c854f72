"""A venue made for the tests, written like any other: dated rules, disputed readings, contract numbers."""

from __future__ import annotations

from perpscope.catalogue.parse import parse_venue
from perpscope.catalogue.schema import Venue

HEAD = """
[venue]
id = "{venue}"
name = "{venue}"
about = "Made up for a test."

[sources.text]
title = "written for a test"
read = "derived"

[[symbols]]
pattern = '(?P<base>[A-Z]+)USDT'
quote = "USDT"
settle = "USDT"
"""
RULE = """
[[rule]]
id = "{id}"
status = "{status}"
about = "Made up."
{dates}
observe = {{ kind = "impact_band @text", every_seconds = "60 @text" }}
reduce = {{ kind = "{reduce} @text" }}
formula = {{ {formula} }}
schedule = {{ hours = "8 @text", phase_hours = "0 @text", lag = "{lag} @text" }}
settle = {{ price = "mark @text", flow = "stamp @text" }}
"""
PULL = 'interest = "0.0001 @text", damper = "0.0005 @text"'


def rule(name: str, formula: str = PULL, *, dates: str = "", status: str = "stated", reduce: str = "mean", lag: str = "0") -> str:
    return RULE.format(id=name, formula=formula, dates=dates, status=status, reduce=reduce, lag=lag)


def venue(*rules: str, name: str = "madeup", more: str = "") -> Venue:
    return parse_venue(HEAD.format(venue=name) + more + "".join(rules))
