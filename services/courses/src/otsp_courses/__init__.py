"""Where, through what system, what and when an institution teaches; counts of pupils, no pupils."""
