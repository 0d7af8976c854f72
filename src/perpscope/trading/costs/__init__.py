"""What does a trade cost, part by part, and who says so?"""
