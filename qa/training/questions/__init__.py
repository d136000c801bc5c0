"""Questions made for training: our own on the prose, on made-up tables, and in keywords."""
