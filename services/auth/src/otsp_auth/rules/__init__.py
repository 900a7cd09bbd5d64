"""Pure decisions about accounts: who may do what, and what may be entered."""
