"""To be built."""


def cost() -> int:
    """To be built."""
    return 1
