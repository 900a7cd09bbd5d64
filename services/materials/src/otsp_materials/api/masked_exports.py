"""Exports of the list of materials for the authorities that cover the institution."""

from otsp_chassis.exports.operations import MaskedOperations
from otsp_materials.commands.exports import EXPORTED
from otsp_materials.queries.sight import sight_of

_operations = MaskedOperations(EXPORTED, sight_of)

request_export = _operations.request_export
get_export = _operations.get_export
get_export_content = _operations.get_content
