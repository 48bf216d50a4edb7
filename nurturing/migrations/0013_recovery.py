import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("nurturing", "0015_standing_key"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Gap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField(help_text="the last sign of life before it")),
                (
                    "until",
                    models.DateTimeField(help_text="when it was noticed; what was due before is late"),
                ),
                ("late", models.IntegerField(help_text="mails that were late when it was noticed")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("now", "send them now"),
                            ("spread", "spread them over some days"),
                            ("skip", "skip those past their useful time"),
                        ],
                        db_default="",
                        default="",
                        max_length=6,
                    ),
                ),
                (
                    "days",
                    models.IntegerField(
                        db_default=0, default=0, help_text="over how many days they are spread"
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
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
            ],
            options={
                "verbose_name": "gap",
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1),
                        condition=Q(("answered_at", None)),
                        name="one_question_about_a_gap_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=Q(("answer", ""), ("answered_at", None))
                        | Q(("answered_at__isnull", False)) & ~Q(("answer", "")),
                        name="gap_is_answered_with_an_answer",
                    ),
                    models.CheckConstraint(
                        condition=Q(("days", 0)) | Q(("answer", "spread"), ("days__gte", 1)),
                        name="only_a_spread_gap_has_days",
                    ),
                ],
            },
        ),
    ]
