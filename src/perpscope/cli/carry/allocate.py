"""To be built."""


def allocate() -> int:
    """To be built."""
    return 1
