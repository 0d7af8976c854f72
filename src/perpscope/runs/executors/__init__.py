"""Who does the work: this process, several of them, or a cluster? The same task functions everywhere, the same bytes back."""
