"""Which carry trade pays, what does it cost, and what would it have earned? The verbs are loaded when they are used."""

from __future__ import annotations

from cyclopts import App

carry_app = App(name="carry", help="Find, cost, back-test and size trades on funding.")
carry_app.command(
    "perpscope.cli.carry.scan:scan", name="scan", help="Rank trades of all symbols and venue pairs by what they earn after costs."
)
carry_app.command("perpscope.cli.carry.cost:cost", name="cost", help="What a trade costs, part by part, with the source of each number.")
carry_app.command("perpscope.cli.carry.backtest:backtest", name="backtest", help="Run one trade over a history, liquidation and all.")
carry_app.command("perpscope.cli.carry.stress:stress", name="stress", help="Put trades into storms of the past.")
carry_app.command("perpscope.cli.carry.sweep:sweep", name="sweep", help="Run thousands of parameter sets, and say what of it is luck.")
carry_app.command("perpscope.cli.carry.allocate:allocate", name="allocate", help="Choose and size trades under limits.")
carry_app.command("perpscope.cli.carry.hedge:hedge", name="hedge", help="Which instrument locks a carry best after costs.")
carry_app.command("perpscope.cli.carry.example:example_app", name="example", help="Ready examples.")
