"""The published language: what the services say to each other, and the values they say it in.

Only the standard library and pydantic are imported here, so that every service, the command and
the tests can read a message without running anything of its owner.
"""
