"""How is the picture of the front page made? `python docs/picture.py` draws it from the generated history."""

from __future__ import annotations

import tempfile
from pathlib import Path

from perpscope.collect.generated import fill
from perpscope.market.table import FUNDING
from perpscope.reports.gather import rule_terms, source_notes
from perpscope.reports.inputs import ReportInputs
from perpscope.reports.picture import board_picture
from perpscope.simulation.scenarios.first_look import FIRST_LOOK
from perpscope.store import Store

PICTURE = Path(__file__).parent / "_static" / "board.svg"


def main() -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "store", create=True)
        fill(store, FIRST_LOOK)
        funding = store.read(FUNDING)
        inputs = ReportInputs(funding, FIRST_LOOK.end, rule_terms(funding), sources=source_notes(store))
        PICTURE.write_text(board_picture(inputs), encoding="utf-8")


if __name__ == "__main__":
    main()
