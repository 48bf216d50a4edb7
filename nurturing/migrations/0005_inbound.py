import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("nurturing", "0004_enrollment_waiting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="reply",
            name="returns_on",
            field=models.DateField(
                blank=True, help_text="the first day back, as an absence note says", null=True
            ),
        ),
        migrations.AlterField(
            model_name="handoff",
            name="kind",
            field=models.CharField(
                choices=[
                    ("call_me", "asked to be called"),
                    ("replied", "replied"),
                    ("form", "filled in a form"),
                    ("hot", "hot"),
                    ("call_back", "call back"),
                    ("ripe", "ripe"),
                    ("successor", "find the successor"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="reply",
            name="kind",
            field=models.CharField(
                choices=[
                    ("human", "reply"),
                    ("out_of_office", "out of office"),
                    ("left", "has left the company"),
                    ("automatic", "automatic answer"),
                    ("stop", "asks for no more mail"),
                ],
                max_length=14,
            ),
        ),
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.EmailField(max_length=254, verbose_name="address")),
                ("host", models.CharField(max_length=253, verbose_name="IMAP server")),
                ("port", models.IntegerField(default=993, verbose_name="port")),
                (
                    "security",
                    models.CharField(
                        choices=[
                            ("tls", "TLS from the first byte (usual, port 993)"),
                            ("starttls", "STARTTLS (port 143)"),
                            ("none", "none (only inside our own network)"),
                        ],
                        default="tls",
                        max_length=8,
                        verbose_name="encryption",
                    ),
                ),
                (
                    "sign_in",
                    models.CharField(
                        choices=[
                            ("password", "password"),
                            ("microsoft", "Microsoft 365 (OAuth 2)"),
                            ("google", "Google Workspace (OAuth 2)"),
                        ],
                        default="password",
                        max_length=9,
                        verbose_name="signs in with",
                    ),
                ),
                ("username", models.CharField(max_length=254, verbose_name="user name")),
                ("folder", models.CharField(default="INBOX", max_length=200, verbose_name="folder")),
                (
                    "secret",
                    models.TextField(
                        blank=True,
                        default="",
                        help_text="password or refresh token, encrypted by contacts.keys",
                    ),
                ),
                (
                    "client_id",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="application (client) id"
                    ),
                ),
                (
                    "client_secret",
                    models.TextField(blank=True, default="", help_text="encrypted by contacts.keys"),
                ),
                (
                    "tenant",
                    models.CharField(
                        blank=True, default="", max_length=100, verbose_name="directory (tenant) id"
                    ),
                ),
                (
                    "inside_allowed",
                    models.BooleanField(
                        default=False,
                        help_text="an admin said so; the audit log knows who",
                        verbose_name="the server is inside our own network",
                    ),
                ),
                ("uid_validity", models.BigIntegerField(blank=True, null=True)),
                ("last_uid", models.BigIntegerField(default=0)),
                (
                    "taken_until",
                    models.DateTimeField(
                        blank=True, help_text="somebody looks into it until then", null=True
                    ),
                ),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "worked_at",
                    models.DateTimeField(blank=True, help_text="when looking last went well", null=True),
                ),
                ("trouble", models.CharField(blank=True, default="", max_length=300)),
                ("trouble_since", models.DateTimeField(blank=True, null=True)),
                ("seen", models.BigIntegerField(default=0, help_text="mails looked at")),
                (
                    "kept",
                    models.BigIntegerField(
                        default=0, help_text="of them: answers and reports about somebody in the silo"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
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
                "verbose_name": "mailbox",
                "verbose_name_plural": "mailboxes",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("stopped_at", None)),
                        fields=("host", "username", "folder"),
                        name="one_mailbox_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("port__gte", 1), ("port__lte", 65535)),
                        name="mailbox_port_is_a_port",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("security", "none"), _negated=True),
                            ("inside_allowed", True),
                            _connector="OR",
                        ),
                        name="mailbox_without_encryption_is_inside",
                    ),
                ],
            },
        ),
    ]
