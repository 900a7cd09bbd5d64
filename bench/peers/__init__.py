"""What ours is measured beside, written as a careful hand would write it; see each module."""
