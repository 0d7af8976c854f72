"""What carry does a dated future lock in, and what does a perpetual pay over the same time?"""
