"""The fifteen figures that authorities read (domain specification §5.1): definitions, no numbers.

`figures` says what a figure is made of, `catalogue` lists them, `reading` makes rates, medians and
suppressed cells of counted sums.
"""
