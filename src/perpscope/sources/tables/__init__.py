"""How do columns in our words become rows of each declared table? One file per table."""
