"""What happened to a trade on the way, for a reader?"""

from __future__ import annotations

from perpscope.trading.backtest.model import Event


class Diary:
    """The events of a run, in order of time; what lasts is told when it begins."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.events: list[Event] = []
        self._said: dict[str, str] = {}

    def say(self, what: str, leg: str = "", /, **detail: object) -> None:
        """Write down an event of this instant."""
        self.events.append(Event(self.at, what, leg, detail))

    def once(self, what: str, leg: str, why: str) -> None:
        """Write down what hinders something, unless it was the same the last time."""
        if self._said.get(what + leg) != why:
            self.say(what, leg, why=why)
        self._said[what + leg] = why

    def over(self) -> None:
        """Forget what hindered: if it comes again, it is told again."""
        self._said.clear()
