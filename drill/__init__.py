"""The platform under faults, as a whole: `./dev drill` (docs/drill.md)."""
