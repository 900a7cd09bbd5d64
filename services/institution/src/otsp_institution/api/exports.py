"""Exports of the lists of the institution's file."""

from otsp_chassis.exports.operations import Operations
from otsp_institution.commands.exports import EXPORTED

_operations = Operations(EXPORTED)

request_export = _operations.request_export
get_export = _operations.get_export
