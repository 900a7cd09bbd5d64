"""Writes: one function, one use case. Passwords are hashed outside of any transaction."""
