"""Reads: who may see what, and what stands where."""
