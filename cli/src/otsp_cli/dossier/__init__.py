"""`otsp dossier`: whole institutions in one file, loaded and filed as a client of the gateway."""
