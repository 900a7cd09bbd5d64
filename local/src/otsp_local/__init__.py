"""The whole platform on one machine, for development and the demo; never in an image.

`environment`, `servers` and `console` import the standard library alone:
they run before there is an environment.
"""
