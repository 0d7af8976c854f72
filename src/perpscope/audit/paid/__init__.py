"""What was paid, and what would another rule have paid: positions and fixings of files and of the store, settled."""
