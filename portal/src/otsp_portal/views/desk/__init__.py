"""The authority's side of the portal (design §1.3): casework, and what a region looks after."""
