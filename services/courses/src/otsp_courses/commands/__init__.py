"""Writes: one function, one use case, one transaction."""

SCOPE = "courses"
"""What a review locks of this service (domain specification §3.8)."""

DURING_REVIEW = "courses.during_review"
"""No review locks this: pupils come and go, classes fall through, courses are drafted meanwhile."""
