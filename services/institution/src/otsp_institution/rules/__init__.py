"""Pure decisions about institutions: no database, no clock, no framework."""
