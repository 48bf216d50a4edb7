"""Fewer indexes on what is written for every mail: each move of a send wrote five that nobody read."""

from typing import Any

import django.db.models.deletion as on_delete
from django.conf import settings
from django.db import migrations, models


def _key(to: str, *, deletion: Any = on_delete.PROTECT, null: bool = True, related: str = "sends") -> Any:
    optional = {"null": True, "blank": True} if null else {}
    return models.ForeignKey(to=to, on_delete=deletion, related_name=related, db_index=False, **optional)


class Migration(migrations.Migration):
    dependencies = [
        ("nurturing", "0005_inbound"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations: list[migrations.operations.base.Operation] = [
        migrations.AlterField(
            "enrollment", "by", _key(settings.AUTH_USER_MODEL, deletion=on_delete.SET_NULL, related="+")
        ),
        migrations.AlterField(
            "enrollment",
            "contact",
            _key("contacts.contact", deletion=on_delete.CASCADE, null=False, related="enrollments"),
        ),
        # Django takes the constraint's own index along with the one of the key.
        migrations.RunSQL(
            "CREATE UNIQUE INDEX IF NOT EXISTS one_active_enrollment_per_contact ON nurturing_enrollment (contact_id)"
            " WHERE (started_at IS NOT NULL AND ended_at IS NULL)",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField("send", "contact", _key("contacts.contact", null=False)),
        migrations.AlterField(
            "send", "enrollment", _key("nurturing.enrollment", deletion=on_delete.SET_NULL)
        ),
        migrations.AlterField("send", "mail", _key("nurturing.mailversion")),
        migrations.AlterField("send", "piece", _key("nurturing.piece")),
        migrations.AlterField("send", "sender", _key("nurturing.sender")),
        migrations.AddIndex(
            "send",
            models.Index(
                condition=models.Q(("piece__isnull", False)), fields=["piece"], name="send_by_piece"
            ),
        ),
    ]
