"""Lists from workbooks: a template to fill in, a check of every row, a report, then the entries.

A service names its columns and what a row becomes (`importer.Importer`); everything else is here.
Nothing is imported by this module itself: the reader runs in a process that needs two libraries.
"""
