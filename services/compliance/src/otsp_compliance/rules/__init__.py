"""The judgement of compliance: pure decisions on a snapshot.

No input or output, no database, no clock and no expression language live here: a rule is a named
function, and everything that it may look at is handed to it.
"""
