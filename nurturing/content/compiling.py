"""A mail as it was written → a mail ready to be filled in: done once per version, never per person."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import escape

from . import fields, layout, markdown, templating, words
from .markdown import Link
from .marking import Marks
from .templating import Problem

FORMAT = 1
LONGEST = {"subject": 300, "preheader": 300, "body": 200_000}
SHOWN_WHOLE = 102 * 1024  # bytes of HTML; Gmail cuts what is longer, and with it the stop link
OUR_PART = 80  # of a tracked link: the address of the silo and a signed number


@dataclass(frozen=True)
class Compiled:
    """Subject, preheader, HTML and text are Liquid sources. Kept as JSON with the published version."""

    language: str = "en"
    subject: str = ""
    preheader: str = ""
    html: str = ""
    text: str = ""
    links: tuple[Link, ...] = ()
    merge_fields: tuple[str, ...] = ()
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    format: int = FORMAT

    @property
    def ok(self) -> bool:
        """True when it may be published."""
        return not self.errors

    def as_json(self) -> dict[str, Any]:
        """Plain values for a JSON column."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Compiled":
        """The reverse of `as_json`; ignores keys of later formats."""
        known = {name: stored[name] for name in cls.__dataclass_fields__ if name in stored}
        known["links"] = tuple(Link(**link) for link in known.get("links", ()))
        known["merge_fields"] = tuple(known.get("merge_fields", ()))
        for name in ("errors", "warnings"):
            known[name] = tuple(Problem(**problem) for problem in known.get(name, ()))
        return cls(**known)


def compile_mail(
    subject: str, preheader: str, body: str, language: str, *, custom: Iterable[str] | None = None
) -> Compiled:
    """Compile a mail written in Markdown with Liquid merge fields.

    `custom` names the custom fields that exist (None: any). What is wrong with the mail comes back in
    `errors`,
    each with its field, line and a sentence; nothing is raised.
    """
    language = words.language(language)
    body = templating.without_private(body).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    custom = None if custom is None else frozenset(custom)
    subject, preheader = templating.without_private(subject), templating.without_private(preheader)
    sources = {"subject": subject.strip(), "preheader": preheader.strip(), "body": body}
    errors = _check_form(sources)
    used: set[str] = set()
    for name, source in sources.items() if not errors else ():
        problems, asked = templating.check(name, source, custom=custom)
        errors += problems or _try(name, source, asked)
        used |= asked
    if errors:
        return Compiled(language=language, errors=tuple(errors))
    return _assemble(sources, language, tuple(sorted(used)))


def _check_form(sources: Mapping[str, str]) -> list[Problem]:
    problems: list[Problem] = []
    for name, source in sources.items():
        limit = LONGEST[name]
        if len(source) > limit:
            said = _("This is %(length)s characters long; at most %(limit)s fit.")
            problems.append(Problem(name, 1, "too_long", said % {"length": len(source), "limit": limit}))
        if name != "body" and not source.isprintable():
            problems.append(Problem(name, 1, "line_break", _("This must be one line of plain text.")))
        if name != "preheader" and not source.strip():
            said = _("Write a subject.") if name == "subject" else _("Write something: the mail is empty.")
            problems.append(Problem(name, 1, "empty", said))
    return problems


def _try(name: str, source: str, asked: set[str]) -> list[Problem]:
    """Two trial runs, with everything filled and with nothing: both branches of most conditions."""
    full = {root: dict(values) for root, values in fields.SAMPLE.items()}
    for path in asked:
        root, _dot, field = path.partition(".")
        full[root].setdefault(field, "x")
    empty: dict[str, dict[str, str]] = {root: {} for root in full}
    return templating.trial(name, source, full) or templating.trial(name, source, empty)


def _assemble(sources: Mapping[str, str], language: str, used: tuple[str, ...]) -> Compiled:
    marks = Marks(*sources.values())
    tags, _problems = templating.scan("body", sources["body"])
    written = markdown.write(sources["body"], marks.take(sources["body"], tags), marks)
    if written.problems:
        return Compiled(language=language, errors=tuple(written.problems))
    tags, _problems = templating.scan("preheader", sources["preheader"])
    preheader = str(escape(marks.take(sources["preheader"], tags)))
    html = _place_links(marks.restore(layout.html(written.html, preheader, marks)))
    return Compiled(
        language=language,
        subject=sources["subject"],
        preheader=sources["preheader"],
        html=html,
        text=layout.text(marks.restore(written.text)),
        links=tuple(written.links),
        merge_fields=used,
        warnings=tuple(_warn(html, written.links, sources["body"])),
    )


def _place_links(html: str) -> str:
    """`https://{{ links.l1 }}` was only so written that every cleaner on the way takes it for an address."""
    return html.replace("https://{{ links.", "{{ links.")


def _warn(html: str, links: Iterable[Link], body: str) -> Iterable[Problem]:
    # Each place of a link is filled with an address of ours that carries the one it leads to.
    size = len(html.encode()) + sum(
        html.count(f"links.l{link.number} ") * (OUR_PART + len(link.url) * 4 // 3) for link in links
    )
    if size > SHOWN_WHOLE:
        said = _(
            "With its links the mail is %(size)s KB: Gmail cuts it at 102 KB and hides the stop link. Make it shorter."
        )
        yield Problem("body", 1, "clipped", said % {"size": size // 1024})
    if "](" not in body and "<http" not in body:
        yield Problem("body", 1, "no_link", _("There is no link: nobody can show interest by clicking."))
