"""Which rules meet which market? One file per scenario; only here may a simulation name real venues' rules."""
