"""The HTTP seam: openapi.yaml is the contract, this package holds a service to it.

`application` alone loads Connexion, which a worker and most commands never need.
"""

import warnings

from otsp_chassis.http.download import Download
from otsp_chassis.http.operation import Answer, ResponseMismatch, checked
from otsp_chassis.http.parameters import Parameter
from otsp_chassis.http.validation import FormatCheck, fold_text

# Connexion 3.3 imports Starlette's test client, which we never use (decision D3).
warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")

__all__ = [
    "Answer",
    "Download",
    "FormatCheck",
    "Parameter",
    "ResponseMismatch",
    "checked",
    "fold_text",
]
