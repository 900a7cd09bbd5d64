"""Operations on messages: dead letters, what is stuck, telling again. See docs/messages.md."""
