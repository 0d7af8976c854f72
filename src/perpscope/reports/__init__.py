"""How is what was found shown to people? Words, rows, figures and one self-contained page."""
