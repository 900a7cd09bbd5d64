"""The HTTP edge of compliance, one module per subject."""
