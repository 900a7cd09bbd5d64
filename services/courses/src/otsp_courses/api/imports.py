"""Imports of courses and classes from workbooks."""

from otsp_chassis.imports.operations import Operations
from otsp_courses.commands.imports import IMPORTERS

_operations = Operations(IMPORTERS)

get_template = _operations.get_template
create_import = _operations.create_import
list_imports = _operations.list_imports
get_import = _operations.get_import
get_report = _operations.get_report
apply_import = _operations.apply_import
