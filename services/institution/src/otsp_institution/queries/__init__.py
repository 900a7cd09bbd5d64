"""Reads: an institution and its parts as plain values, with what is doubtful about them."""
