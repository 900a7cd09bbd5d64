"""The HTTP edge: one function for each operation of openapi.yaml."""
