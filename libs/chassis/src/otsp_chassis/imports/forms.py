"""What single entry judges a body by, for bodies that come from rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from otsp_chassis.contract import read_contract
from otsp_chassis.http.validation import FormatCheck, Validator, with_cross_checks
from otsp_chassis.imports.fields import Body
from otsp_contracts.values import FieldError


class Form:
    """The request schema of an operation, by its name in the contract, and its cross-field check.

    `check` sees the body less what the schema refused, as in the HTTP seam.
    """

    def __init__(
        self,
        package: str,
        schema: str,
        *,
        formats: Mapping[str, FormatCheck],
        check: Callable[[Body], Iterable[FieldError]],
    ) -> None:
        self._package = package
        self._schema = schema
        self._formats = formats
        self._check = check

    def judge(self, body: Body, unclear: Sequence[FieldError]) -> list[FieldError]:
        """All faults, those of its cells first; of a body whose texts are normalised."""
        errors = [*unclear, *self._validator.errors(body)]
        return with_cross_checks(body, errors, self._check)

    @cached_property
    def _validator(self) -> Validator:
        named = {"$ref": f"#/components/schemas/{self._schema}"}
        schemas = {"components": {"schemas": read_contract(self._package)["components"]["schemas"]}}
        return Validator(named | schemas, self._formats)
