"""Sources meet the store: what comes in, whole, once, with what is known about it."""
