"""Which two rules does the user want compared, and how do the differences print?"""

from __future__ import annotations

from perpscope.catalogue.dated import DatedRule
from perpscope.catalogue.overview import moment_of, shown_rules
from perpscope.catalogue.passport import Difference, diff
from perpscope.catalogue.readings import agreed, grouped
from perpscope.errors import InputError


def difference_rows(one: str, other: str, since: str, until: str, now: int) -> list[dict[str, object]]:
    """Compare two rules: VENUE[@DATE] with VENUE[@DATE], or one venue at two dates.

    Returns
    -------
    Rows of {part, name, before, after, source_before, source_after}.
    """
    if not other:
        if not since:
            raise InputError("a comparison of rules", "one venue and no date", "Give a second venue, or --from and --to.")
        one, other = f"{one}@{since}", f"{one}@{until}" if until else one
    elif since or until:
        raise InputError("a comparison of rules", "two venues and dates apart from them", "Write the dates as VENUE@DATE.")
    return [_row(found) for found in diff(_named(one, now), _named(other, now))]


def _named(text: str, now: int) -> DatedRule:
    """Return the main rule of VENUE[@DATE]; of a disputed one, what its readings agree on."""
    venue, _, date = text.partition("@")
    found = grouped(shown_rules(venue, moment_of(date, now)).rules)
    main = [group for group in found if group[0].market_list == ""] or found
    if not main:
        raise InputError(f"a rule of {venue}", "it pays no funding", "Give a venue of perpetuals (see `rule list`).")
    last = max(main, key=lambda group: group[0].since)
    return last[0] if len(last) == 1 else agreed(last)


def _row(found: Difference) -> dict[str, object]:
    return {
        "part": found.part,
        "name": found.name,
        "before": found.before,
        "after": found.after,
        "source_before": found.source_before,
        "source_after": found.source_after,
    }
