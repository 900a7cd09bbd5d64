"""Dead letters of this service, for operators."""

from otsp_chassis.dead_letter_operations import list_dead_letters, redrive_dead_letters

__all__ = ["list_dead_letters", "redrive_dead_letters"]
