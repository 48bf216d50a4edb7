"""Something to send, for tests of the clock: live sequences and library pieces, made row by row."""

from datetime import datetime

from contacts.models import Topic
from nurturing.models import MailVersion, Piece, Sequence, SequenceVersion, Step
from tests.cast import LONG_AGO


def mail(subject: str = "Hei", *, language: str = "nb") -> MailVersion:
    """A published mail."""
    return MailVersion.objects.create(
        subject=subject, body="Hei {{ contact.first_name }}", language=language, compiled={}, at=LONG_AGO
    )


def sequence(name: str = "Webinar", *steps: tuple[str, int], priority: int = 50) -> Sequence:
    """A live sequence of (key, days to wait)."""
    made = Sequence.objects.create(
        name=name, priority=priority, made_at=LONG_AGO, stops_when=["replied", "met", "opportunity", "bought"]
    )
    publish(made, *steps)
    return made


def publish(made: Sequence, *steps: tuple[str, int]) -> SequenceVersion:
    """The next version of a sequence, live at once."""
    version = SequenceVersion.objects.create(
        sequence=made,
        number=made.versions.count() + 1,
        made_at=LONG_AGO,
        edited_at=LONG_AGO,
        published_at=LONG_AGO,
    )
    Step.objects.bulk_create(
        Step(version=version, key=key, position=place, days=days, subject=key, language="nb", mail=mail(key))
        for place, (key, days) in enumerate(steps)
    )
    made.live_version = version
    made.save(update_fields=["live_version"])
    return version


def piece(
    title: str, *, topic: str = "Drift", level: str = "tofu", language: str = "nb", at: datetime = LONG_AGO
) -> Piece:
    """A live piece of the library."""
    about, _ = Topic.objects.get_or_create(slug=topic.lower(), defaults={"name": topic})
    return Piece.objects.create(
        title=title, topic=about, level=level, language=language, subject=title, published_at=at, made_at=at,
        edited_at=at, mail=mail(title, language=language),
    )  # fmt: skip
