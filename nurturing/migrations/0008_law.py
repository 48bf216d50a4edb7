"""Law: forms with a double opt-in, and the questions that go to an address."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0009_law"),
        ("nurturing", "0007_delivery_run"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="send",
            name="kind",
            field=models.CharField(
                choices=[
                    ("step", "step of a sequence"),
                    ("piece", "piece from the library"),
                    ("confirm", "confirmation"),
                    ("ask", "question from us"),
                    ("notice", "where we have your data from"),
                    ("test", "test"),
                ],
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="JoinForm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        help_text="its public address; never changes", max_length=60, unique=True
                    ),
                ),
                ("name", models.CharField(max_length=120, unique=True, verbose_name="name for yourselves")),
                ("language", models.CharField(default="sv", max_length=5, verbose_name="language")),
                ("heading", models.CharField(max_length=120, verbose_name="heading")),
                (
                    "intro",
                    models.TextField(blank=True, default="", max_length=1000, verbose_name="what people get"),
                ),
                ("wording", models.TextField(max_length=1000, verbose_name="what they agree to")),
                (
                    "invitation_wording",
                    models.TextField(
                        blank=True,
                        default="",
                        max_length=1000,
                        verbose_name="what they agree to about invitations",
                    ),
                ),
                (
                    "thanks",
                    models.TextField(
                        blank=True, default="", max_length=1000, verbose_name="what they read at the end"
                    ),
                ),
                ("asks_rhythm", models.BooleanField(default=True, verbose_name="lets them choose how often")),
                ("made_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="nurturing.sender",
                        verbose_name="sender",
                    ),
                ),
                (
                    "sequence",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="nurturing.sequence",
                        verbose_name="sequence they begin",
                    ),
                ),
                (
                    "topics",
                    models.ManyToManyField(
                        blank=True,
                        related_name="+",
                        to="contacts.topic",
                        verbose_name="topics to choose from",
                    ),
                ),
            ],
            options={
                "verbose_name": "form",
            },
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("join", "wants to hear from us"),
                            ("export", "wants to see what we have"),
                            ("erase", "wants to be erased"),
                        ],
                        max_length=6,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "asked_ip",
                    models.CharField(blank=True, default="", help_text="emptied by erasure", max_length=45),
                ),
                ("wording", models.TextField(blank=True, default="", help_text="as it stood on the page")),
                (
                    "invitation_wording",
                    models.TextField(blank=True, default="", help_text="empty: not asked or not ticked"),
                ),
                ("topic_ids", models.JSONField(default=list)),
                ("rhythm_days", models.FloatField(blank=True, null=True)),
                (
                    "made_contact",
                    models.BooleanField(default=False, help_text="nobody knew the address before"),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_ip",
                    models.CharField(blank=True, default="", help_text="emptied by erasure", max_length=45),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        help_text="the colleague who asked; nobody when the person did",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="confirmations",
                        to="contacts.contact",
                    ),
                ),
                (
                    "send",
                    models.OneToOneField(
                        blank=True,
                        help_text="the mail that asked",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="confirmation",
                        to="nurturing.send",
                    ),
                ),
                (
                    "form",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmations",
                        to="nurturing.joinform",
                    ),
                ),
            ],
            options={
                "verbose_name": "confirmation",
                "indexes": [
                    models.Index(fields=["contact", "-asked_at"], name="confirmation_by_contact"),
                    models.Index(
                        condition=models.Q(("answered_at", None), ("made_contact", True)),
                        fields=["asked_at"],
                        name="confirmation_unanswered",
                    ),
                ],
            },
        ),
    ]
