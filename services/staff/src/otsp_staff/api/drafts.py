"""Operations on drafts of the forms."""

from otsp_chassis.drafts import Drafts
from otsp_staff.queries.drafts import FORMS

_drafts = Drafts(FORMS)

list_drafts, get_draft = _drafts.list_drafts, _drafts.get_draft
put_draft, discard_draft = _drafts.put_draft, _drafts.discard_draft
