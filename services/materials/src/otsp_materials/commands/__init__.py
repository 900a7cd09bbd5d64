"""Writes, as everybody calls them: entries of materials, and their reviews."""

from otsp_materials.commands.entries import (
    add_version,
    delete_material,
    register_material,
    replace_material,
    store_file,
)
from otsp_materials.commands.exports import erase_export, make_export, request_export
from otsp_materials.commands.reviews import (
    CASE_KIND,
    adopt_material,
    archive_material,
    record_external_review,
    record_internal_review,
    request_external_review,
    submit_for_internal_review,
)
from otsp_materials.commands.writing import SCOPE, next_section_version

__all__ = [
    "CASE_KIND",
    "SCOPE",
    "add_version",
    "adopt_material",
    "archive_material",
    "delete_material",
    "erase_export",
    "make_export",
    "next_section_version",
    "record_external_review",
    "record_internal_review",
    "register_material",
    "replace_material",
    "request_export",
    "request_external_review",
    "store_file",
    "submit_for_internal_review",
]
