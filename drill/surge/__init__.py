"""The platform at a planned rate without faults: the year-end surge, and the soak at half of it."""
