"""Checks of the exercises in the part of the book called "With your own numbers"."""
