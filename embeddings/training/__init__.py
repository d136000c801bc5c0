"""Make the bundled encoder, and read training data; not part of the wheel."""
