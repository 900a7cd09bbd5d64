"""Which department looks after which material (domain specification §1.8)."""

_EDUCATION = "education"


def supervises(department: str, category: str | None) -> bool:
    """Subject materials are education's alone; the others are every department's."""
    return category != "subject" or department == _EDUCATION
