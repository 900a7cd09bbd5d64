"""The people who work at training institutions (从业人员), and the list of those who may not."""
