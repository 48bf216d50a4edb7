"""A server's words without the addresses in them: what is kept beside a sender or a receiving server is about nobody."""

import re

_ADDRESS = re.compile(r"[^\s<>\"'(),;:\[\]]+@[^\s<>\"'(),;:\[\]]+")


def masked(text: str, *, keep: str = "") -> str:
    """The words with `…@…` for each address but `keep`, and without what a database does not take."""
    return _ADDRESS.sub(
        lambda found: found[0] if keep and found[0].lower() == keep.lower() else "…@…",
        text.replace("\x00", ""),
    )
