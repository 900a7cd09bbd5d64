"""Writes: registering people, their coming and going, and the blacklist."""
