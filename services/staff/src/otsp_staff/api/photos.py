"""Photos that the public register shows."""

from otsp_staff.queries.files import PHOTOS

get_public_photo = PHOTOS.get
