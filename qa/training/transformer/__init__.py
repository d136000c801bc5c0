"""Teach the reader from a pretrained transformer: questions on windows in, a span scorer out."""
