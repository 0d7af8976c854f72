"""To be built."""


def sweep() -> int:
    """To be built."""
    return 1
