"""The recipe that makes the bundled encoder; not part of the wheel."""
