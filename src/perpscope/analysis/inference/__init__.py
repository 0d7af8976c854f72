"""How sure can one be? Errors that allow for unequal and clustered noise, resampling in blocks, and many tests at once."""
