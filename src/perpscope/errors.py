"""Whose move is it when something is wrong?

Every error says what was asked, what is there and what to do. The class says who has to move: the caller
(`InputError`), whoever keeps the rules (`CatalogueError`), a venue or file (`SourceError`), the disk
(`StoreError`), or time itself (`NotEnoughData`). Batches collect problems as rows; single calls raise.
"""

from __future__ import annotations


class PerpscopeError(Exception):
    """An error with the three things a reader needs.

    Parameters
    ----------
    asked : what was asked for, in a few words.
    there : what was found instead.
    do : what to do next; empty if nothing can be done.
    """

    def __init__(self, asked: str, there: str = "", do: str = "") -> None:
        self.asked = asked
        self.there = there
        self.do = do
        text = ": ".join(part for part in (asked, there) if part)
        super().__init__(f"{text.removesuffix('.')}. {do}" if do else text)

    def __reduce__(self) -> tuple[type[PerpscopeError], tuple[str, str, str]]:
        """Survive the trip between processes."""
        return type(self), (self.asked, self.there, self.do)


class InputError(PerpscopeError):
    """The caller gave something that cannot be used; the caller's move."""


class CatalogueError(PerpscopeError):
    """A rule is missing, unknown or contradicts itself; the catalogue's move."""


class SourceError(PerpscopeError):
    """A file or venue delivered something unreadable; the source's move."""


class StoreError(PerpscopeError):
    """The disk or the store's own files are at fault; the operator's move."""


class NotEnoughData(PerpscopeError):  # noqa: N818 - the plan of the house names it so: it is a state, not a fault
    """The question is sound, but there is not yet enough data to answer it."""
