"""To be built."""

from cyclopts import App

example_app = App(name="example")
