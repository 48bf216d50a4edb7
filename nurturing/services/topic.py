"""Topics: what people care about and pieces are about."""

from django.db import transaction
from django.utils.text import slugify

from contacts.models import Topic


@transaction.atomic
def named(*, name: str) -> Topic:
    """The topic of this name, made when there is none; upper and lower case are one."""
    name = " ".join(name.split())
    found = Topic.objects.filter(name__iexact=name).first()
    if found:
        return found
    stem = slugify(name)[:70] or "topic"
    slug, number = stem, 1
    while Topic.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{stem}-{number}"
    return Topic.objects.create(name=name, slug=slug)
