"""What carry does a dated future lock in, what does a perpetual pay over the same time, and what is left after the costs of both legs?"""
