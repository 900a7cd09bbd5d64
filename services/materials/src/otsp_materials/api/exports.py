"""Exports of the list of materials."""

from otsp_chassis.exports.operations import Operations
from otsp_materials.commands.exports import EXPORTED

_operations = Operations(EXPORTED)

request_export = _operations.request_export
get_export = _operations.get_export
