"""Does a venue publish what its own rule says? Published against computed, row by row, with what could not be compared."""
