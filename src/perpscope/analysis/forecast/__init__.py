"""What rate will a position receive, and does anybody know better than the rate just paid? The forecasting contest."""
