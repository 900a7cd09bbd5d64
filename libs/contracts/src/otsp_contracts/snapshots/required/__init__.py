"""Which fields must be filled before filing, by the tables of the domain: one row a field."""
