"""The recipes that make what `qa` ships; not part of the wheel."""
