"""Opaque marks: what stands in for a Liquid tag while Markdown, MJML and the inliner work on the text
around it.

A mark is lower-case letters and digits, so nothing on the way reads, escapes or splits it. Braces that the
author wrote as text (`\\{` or `&#123;`) and that come out as braces must not become Liquid: `restore` writes
them as a Liquid string.
"""

import re
from collections.abc import Callable

from . import templating


class Marks:
    """The tags taken out of one mail, in order, and the way back."""

    def __init__(self, *sources: str) -> None:
        number = 0
        together = "\n".join(sources).lower()
        while f"lq{number}z" in together:
            number += 1
        self.prefix = f"lq{number}z"
        self.pattern = re.compile(self.prefix + r"(\d{5})e")
        self._braces = re.compile(r"\{(?=[{%]|" + self.prefix + ")")
        self._tags: list[str] = []
        self._outputs: list[bool] = []

    def add(self, tag: str, *, output: bool = True) -> str:
        """A new mark that will become `tag`."""
        self._tags.append(tag)
        self._outputs.append(output)
        return f"{self.prefix}{len(self._tags) - 1:05d}e"

    def take(
        self,
        source: str,
        tags: list[templating.Tag],
        *,
        change: Callable[[templating.Tag], str] = lambda tag: tag.source,
    ) -> str:
        """The source with every tag replaced by its mark; `change` says what the mark will become."""
        parts: list[str] = []
        place = 0
        for tag in tags:
            parts += (source[place : tag.start], self.add(change(tag), output=tag.is_output))
            place = tag.end
        return "".join((*parts, source[place:]))

    def tag(self, number: int) -> str:
        return self._tags[number]

    def has_only_outputs(self, text: str) -> bool:
        """False when a condition or loop stands in the text."""
        return all(self._outputs[int(found)] for found in self.pattern.findall(text))

    def has_only_controls(self, text: str) -> bool:
        """True when nothing but conditions and loops stand in the text."""
        found = self.pattern.findall(text)
        return (
            bool(found)
            and not self.pattern.sub("", text).strip()
            and not any(self._outputs[int(n)] for n in found)
        )

    def original(self, text: str) -> str:
        """The text as the author wrote it."""
        return self.pattern.sub(lambda found: self._tags[int(found[1])], text)

    def restore(self, text: str) -> str:
        """Liquid source: literal braces made harmless, then every mark replaced by its tag."""
        return self.original(self._braces.sub('{{ "{" }}', text))
