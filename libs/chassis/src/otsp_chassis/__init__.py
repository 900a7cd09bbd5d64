"""Mechanisms that every OTSP service shares. Not one word of education lives here."""
