"""Exports of all four lists for the authorities that cover the institution."""

from otsp_chassis.exports.operations import MaskedOperations
from otsp_courses.commands.exports import EXPORTED
from otsp_courses.queries.sight import sight_of

_operations = MaskedOperations(EXPORTED, sight_of)

request_export = _operations.request_export
get_export = _operations.get_export
get_export_content = _operations.get_content
