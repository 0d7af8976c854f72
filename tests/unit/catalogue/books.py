"""What does a small venue file look like, whole and with one thing changed?"""

from __future__ import annotations

from perpscope.catalogue.parse import parse_venue
from perpscope.catalogue.schema import Venue

BOOK = """
[venue]
id = "somewhere"
name = "Somewhere"
about = "An invented venue."
aliases = ["some-where"]

[sources.guide]
title = "The guide"
read = "invented"

[[symbols]]
pattern = '(?P<base>(?:(?P<multiplier>1000)(?=[A-Z]))?[A-Z0-9]+?)(?P<quote>USDT)'
settle = "=quote"

[[contract]]
pattern = "BTCUSDT"
maintenance_margin = "0.004 @guide"
cap = "0.75*maintenance_margin @guide"

[[contract]]
pattern = "BTCUSDT"
since = 2024-06-01T00:00:00Z
maintenance_margin = "? changed in June, the page does not say to what"
"formula.interest" = "0 @guide"

[[rule]]
id = "somewhere-1"
until = 2024-01-01T00:00:00Z
status = "stated"
about = "The first rule."
observe = { kind = "impact_band @guide", every_seconds = "5 @guide" }
reduce = { kind = "mean @guide" }
formula = { interest = "0.0003 @guide", interest_per = "24 @guide", damper = "0.0005 @guide", floor = "-cap @guide", cap = "cap @guide" }
schedule = { hours = "8 @guide", phase_hours = "4 @guide", lag = "1 @guide" }
settle = { price = "mark @guide", flow = "stamp @guide" }

[[rule]]
id = "somewhere-2"
since = 2024-01-01T00:00:00Z
status = "stated"
about = "The second rule."
observe = { kind = "? the page does not say" }
reduce = { kind = "linear @guide" }
schedule = { hours = "8 @guide", lag = "0 @guide" }
settle = { price = "? not stated", flow = "stamp @guide" }

[rule.formula]
period = "8 @guide"
interest = "0.0001 @guide"
damper = "0.0005 @guide"
floor = "-cap @guide"
cap = "cap @guide"
change = "? its width is lost"
"""


def book(*changes: tuple[str, str]) -> Venue:
    """The invented venue, each (old, new) text exchanged."""
    text = BOOK
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_venue(text)
