"""What would a trade have earned, with everything that can go wrong?"""
