"""The five documents that the assistant ships with: data, without code."""
