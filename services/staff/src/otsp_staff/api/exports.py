"""Exports of the list of people."""

from otsp_chassis.exports.operations import Operations
from otsp_staff.commands.exports import EXPORTED

_operations = Operations(EXPORTED)

request_export = _operations.request_export
get_export = _operations.get_export
