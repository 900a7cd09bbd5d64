"""The HTTP seam: openapi.yaml is the contract, this package holds a service to it."""

from otsp_chassis.http.application import build_application, load_specification
from otsp_chassis.http.operation import Answer, ResponseMismatch, checked
from otsp_chassis.http.validation import FormatCheck, fold_text

__all__ = [
    "Answer",
    "FormatCheck",
    "ResponseMismatch",
    "build_application",
    "checked",
    "fold_text",
    "load_specification",
]
