"""Serve the terminal: arguments come in, printed answers and exit codes go out.

What the answer is, is left to `qa.assistant`.
"""
