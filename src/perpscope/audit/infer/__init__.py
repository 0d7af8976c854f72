"""Which rule fits what was published, and since when? A search over rules, cut into dated segments."""
