"""What people type, as the platform takes it."""

import pytest

from otsp_portal.forms.fields import Field
from otsp_portal.forms.kinds import read


@pytest.mark.parametrize(
    ("kind", "typed", "taken"),
    [
        ("text", " 示例（杭州）学校　", "示例（杭州）学校"),
        ("text", "Ａ座１２室，３层", "A座12室，3层"),
        ("text", "  ", None),
        ("uscc", "５２３３ ０１０６-MJFAKE011P", "52330106MJFAKE011P"),
        ("tel", "０５７１－１２３４５６７８", "0571-12345678"),
    ],
)
def test_what_is_typed_is_tidied_as_its_kind_allows(kind, typed, taken):
    assert read(typed, Field(name="x", label="项目", kind=kind)) == taken
