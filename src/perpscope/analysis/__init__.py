"""What do the tables say? Pure statistics on frames: no input, no output, no clock."""
