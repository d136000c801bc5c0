"""The recipe of our own language model and of the quick reader that judges it."""
