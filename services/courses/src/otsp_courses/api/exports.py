"""Exports of the lists of sites, systems, courses and classes."""

from otsp_chassis.exports.operations import Operations
from otsp_courses.commands.exports import EXPORTED

_operations = Operations(EXPORTED)

request_export = _operations.request_export
get_export = _operations.get_export
