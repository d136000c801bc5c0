"""Measure on other data, and measure costs."""
