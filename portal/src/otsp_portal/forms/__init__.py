"""Forms: made from the API's contract, filled as people type, judged by the platform."""
