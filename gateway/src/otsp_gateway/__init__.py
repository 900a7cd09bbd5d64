"""The edge: routing table, nginx configuration, API page. No Python runs in a request's path."""
