"""Does what was claimed hold? Published claims, each computed again and given a verdict with its evidence."""
