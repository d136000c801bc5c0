"""The recipes that make the bundled models; not part of the wheel."""
