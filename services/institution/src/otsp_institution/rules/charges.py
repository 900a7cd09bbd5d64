"""Charges that follow from others."""


def unit_price_fen(amount_fen: int | None, lesson_count: int | None) -> int | None:
    """Of one lesson (每课时单价), half a fen rounded up; None while it cannot be told."""
    if amount_fen is None or lesson_count is None:
        return None
    return (2 * amount_fen + lesson_count) // (2 * lesson_count)
