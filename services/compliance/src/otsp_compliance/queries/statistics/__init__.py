"""Reads of the figures that authorities read; what they are stands in `rules.statistics`.

`sources` counts by institution, `cells` gives that one shape, live and frozen, `figures` answers.
"""
