"""Compute scores of texts, rankings and confidences."""
