"""Limits with their counters, plans for new domains, and servers that are left alone for a while."""

from datetime import UTC, datetime
from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Houses with so many mailboxes that they watch how fast a stranger writes. Cautious, for an admin to raise.
HOSTS = {
    "Gmail": (60, ["gmail.com", "googlemail.com"]),
    "Microsoft": (
        60,
        [
            "outlook.com",
            "hotmail.com",
            "live.com",
            "msn.com",
            "hotmail.se",
            "live.se",
            "outlook.se",
            "hotmail.no",
        ]
        + [
            "live.no",
            "hotmail.dk",
            "live.dk",
            "outlook.dk",
            "hotmail.fi",
            "live.fi",
            "hotmail.co.uk",
            "live.co.uk",
        ],
    ),
    "Yahoo": (
        30,
        [
            "yahoo.com",
            "yahoo.se",
            "yahoo.no",
            "yahoo.dk",
            "yahoo.co.uk",
            "yahoo.de",
            "ymail.com",
            "rocketmail.com",
        ]
        + ["aol.com"],
    ),
    "Apple": (30, ["icloud.com", "me.com", "mac.com"]),
    "Telia": (30, ["telia.com", "telia.se"]),
    "Telenor": (30, ["online.no", "telenor.com", "telenor.se", "bredband.net"]),
    "Tele2": (30, ["tele2.se", "comhem.se", "swipnet.se"]),
}


def add_hosts(apps: Any, schema_editor: Any) -> None:
    host, limit = apps.get_model("nurturing", "MailHost"), apps.get_model("nurturing", "SendLimit")
    now = datetime.now(UTC)
    for name, (a_minute, domains) in HOSTS.items():
        made = host.objects.create(name=name, domains=domains, made_at=now)
        limit.objects.create(host=made, period="minute", most=a_minute, counts=[0] * 13)


class Migration(migrations.Migration):
    dependencies = [
        ("nurturing", "0012_provider"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MailHost",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                (
                    "domains",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=253),
                        help_text="in lower case, without a wildcard",
                        size=None,
                    ),
                ),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "mailbox host",
            },
        ),
        migrations.CreateModel(
            name="ReceiverTrouble",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("receiver", models.CharField(max_length=253)),
                ("at", models.DateTimeField()),
                ("send_id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("gone", "too many addresses that do not exist"),
                            ("deferred", "too many mails put off"),
                            ("blocked", "mails refused because of us"),
                        ],
                        max_length=8,
                    ),
                ),
                ("weight", models.IntegerField()),
                ("reply", models.CharField(max_length=500)),
            ],
            options={
                "indexes": [models.Index(fields=["receiver", "-at"], name="trouble_by_receiver")],
            },
        ),
        migrations.CreateModel(
            name="WarmUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("domain", models.CharField(max_length=253)),
                ("first", models.IntegerField(default=20, verbose_name="mails on the first day")),
                ("factor", models.FloatField(default=2.0, verbose_name="each day so many times more")),
                ("step", models.IntegerField(default=0, verbose_name="and so many more")),
                ("until", models.IntegerField(default=5000, verbose_name="no limit from so many a day")),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "began_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "warm-up plan",
            },
        ),
        migrations.CreateModel(
            name="SendLimit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        choices=[
                            ("minute", "a minute"),
                            ("hour", "an hour"),
                            ("day", "a day"),
                            ("warm_up", "a day of warm-up"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "day",
                    models.DateField(
                        blank=True, help_text="of a warm-up: the silo's own calendar", null=True
                    ),
                ),
                ("most", models.IntegerField()),
                (
                    "head",
                    models.BigIntegerField(
                        default=0, help_text="number of the newest slice: see sending.pace"
                    ),
                ),
                (
                    "counts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(),
                        help_text="what left in the last slices, the newest last",
                        size=None,
                    ),
                ),
                (
                    "tail_at",
                    models.DateTimeField(
                        blank=True, help_text="when the last of those who wait has its turn", null=True
                    ),
                ),
                (
                    "host",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="limits",
                        to="nurturing.mailhost",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="limits",
                        to="nurturing.sender",
                    ),
                ),
                (
                    "warm_up",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="days",
                        to="nurturing.warmup",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Breaker",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("receiver", models.CharField(help_text="a domain, or host:<id>", max_length=253)),
                ("name", models.CharField(help_text="as people call it", max_length=253)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("gone", "too many addresses that do not exist"),
                            ("deferred", "too many mails put off"),
                            ("blocked", "mails refused because of us"),
                        ],
                        max_length=8,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("because", models.CharField(help_text="what the server said last", max_length=500)),
                ("troubles", models.IntegerField(help_text="mails in trouble when it opened")),
                ("seen", models.IntegerField(help_text="of so many")),
                (
                    "tries",
                    models.IntegerField(default=0, help_text="how often one mail was let through in vain"),
                ),
                ("pause_minutes", models.IntegerField()),
                ("retry_at", models.DateTimeField()),
                ("trial_send_id", models.BigIntegerField(blank=True, null=True)),
                ("trial_until", models.DateTimeField(blank=True, null=True)),
                ("held_at", models.DateTimeField(blank=True, help_text="a person wants it held", null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "held_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["receiver", "-closed_at"], name="breaker_by_receiver")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("receiver",),
                        name="one_open_breaker_per_receiver",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("trial_send_id", None), ("trial_until", None)),
                            models.Q(("trial_send_id__isnull", False), ("trial_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_trial_has_an_end",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="warmup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("domain",), name="one_open_warm_up_per_domain"
            ),
        ),
        migrations.AddConstraint(
            model_name="warmup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("factor__gte", 1),
                    ("first__gte", 1),
                    ("step__gte", 0),
                    ("until__gte", 1),
                    models.Q(("factor__gt", 1), ("step__gt", 0), _connector="OR"),
                ),
                name="a_warm_up_grows",
            ),
        ),
        migrations.AddConstraint(
            model_name="sendlimit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("day", None), ("host", None), ("sender__isnull", False), ("warm_up", None)),
                    models.Q(("day", None), ("host__isnull", False), ("sender", None), ("warm_up", None)),
                    models.Q(
                        ("day__isnull", False), ("host", None), ("sender", None), ("warm_up__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="a_limit_is_about_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="sendlimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("most__gte", 1)), name="a_limit_lets_something_through"
            ),
        ),
        migrations.AddConstraint(
            model_name="sendlimit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("counts__len", 1), ("period", "warm_up"), ("warm_up__isnull", False)),
                    models.Q(
                        ("counts__len", 13), ("period__in", ["minute", "hour", "day"]), ("warm_up", None)
                    ),
                    _connector="OR",
                ),
                name="a_limit_counts_in_its_slices",
            ),
        ),
        migrations.AddConstraint(
            model_name="sendlimit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sender__isnull", False)),
                fields=("sender", "period"),
                name="one_limit_per_sender",
            ),
        ),
        migrations.AddConstraint(
            model_name="sendlimit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("host__isnull", False)),
                fields=("host", "period"),
                name="one_limit_per_host",
            ),
        ),
        migrations.AddConstraint(
            model_name="sendlimit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("warm_up__isnull", False)),
                fields=("warm_up", "day"),
                name="one_limit_per_warm_up_day",
            ),
        ),
        migrations.RunPython(add_hosts, migrations.RunPython.noop),
    ]
