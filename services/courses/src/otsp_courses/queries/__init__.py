"""Reads: rows of one institution as plain values, with what is computed and advised."""
