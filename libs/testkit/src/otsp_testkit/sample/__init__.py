"""A complete small service in the house style: the chassis is tested and measured on it."""
