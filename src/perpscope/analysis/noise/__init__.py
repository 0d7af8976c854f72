"""How exactly can a premium be known, and what does it cost to move it? Pure functions on arrays."""
