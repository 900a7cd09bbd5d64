"""The HTTP edge: one function per operation of openapi.yaml."""
