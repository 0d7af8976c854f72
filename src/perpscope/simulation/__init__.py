"""A venue made of invented data: the same records as a source, under a venue id that begins with `sim:`."""
