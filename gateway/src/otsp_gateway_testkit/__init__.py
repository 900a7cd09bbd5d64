"""A real nginx before real upstreams, for the tests of the edge. Not part of the wheel."""
