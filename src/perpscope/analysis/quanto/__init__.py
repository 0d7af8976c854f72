"""What does a perpetual earn that quotes one coin in dollars and pays in another?"""
