"""Training institutions: who they are, what they are licensed for, where their money lies."""
