"""`./dev audit`: known faults of what we depend on, its licences, secrets among the files."""
