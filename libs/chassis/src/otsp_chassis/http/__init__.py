"""The HTTP seam: openapi.yaml is the contract, this package holds a service to it."""

import warnings

# Connexion 3.3 imports Starlette's test client, which we never use (decision D3).
warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")

from otsp_chassis.http.application import build_application, load_specification  # noqa: E402
from otsp_chassis.http.download import Download  # noqa: E402
from otsp_chassis.http.operation import Answer, ResponseMismatch, checked  # noqa: E402
from otsp_chassis.http.parameters import Parameter  # noqa: E402
from otsp_chassis.http.validation import FormatCheck, fold_text  # noqa: E402

__all__ = [
    "Answer",
    "Download",
    "FormatCheck",
    "Parameter",
    "ResponseMismatch",
    "build_application",
    "checked",
    "fold_text",
    "load_specification",
]
