"""IRQ: every interrupt source has one owner, and only the owner's handler is entered (paper §3.2, §3.4)."""
