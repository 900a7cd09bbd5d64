"""Lists as files: asked for in a request, written by the worker, erased after a day.

A service names its lists (`listed.ExportedList`): their columns and the query that their own
operation has too; everything else is here.
"""
