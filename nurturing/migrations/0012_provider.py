"""Senders tell more of themselves; keys of webhooks and checks of domains get tables."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("nurturing", "0009_segment"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DomainCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("domain", models.CharField(max_length=253)),
                ("asked_at", models.DateTimeField()),
                (
                    "selectors",
                    models.JSONField(blank=True, default=list, help_text="DKIM selectors to look for"),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "findings",
                    models.JSONField(blank=True, default=list, help_text="see nurturing.names.findings"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WebhookKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", models.CharField(max_length=20)),
                (
                    "name",
                    models.CharField(
                        help_text="which of the provider's keys: see inbound.doors", max_length=20
                    ),
                ),
                ("secret", models.TextField(help_text="encrypted by contacts.keys")),
                ("made_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="WebhookRefusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", models.CharField(max_length=20)),
                ("kind", models.CharField(max_length=20)),
                ("why", models.CharField(help_text="no_key, wrong_key or unreadable", max_length=20)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="sender",
            name="answers_to_owner",
            field=models.BooleanField(default=True, verbose_name="the salesperson gets each answer, too"),
        ),
        migrations.AddField(
            model_name="sender",
            name="bounces_to",
            field=models.EmailField(
                blank=True, default="", max_length=254, verbose_name="bounces come back to"
            ),
        ),
        migrations.AddField(
            model_name="sender",
            name="inside_allowed",
            field=models.BooleanField(
                default=False,
                help_text="an admin said so; the audit log knows who",
                verbose_name="the server is inside our own network",
            ),
        ),
        migrations.AddField(
            model_name="sender",
            name="plus_addresses",
            field=models.BooleanField(
                default=False,
                help_text="each mail's own number stands in the addresses that answers and bounces come back to",
                verbose_name="our mailbox takes plus-addresses",
            ),
        ),
        migrations.AddField(
            model_name="sender",
            name="secret_at",
            field=models.DateTimeField(blank=True, help_text="when it was stored", null=True),
        ),
        migrations.AddField(
            model_name="sender",
            name="trouble",
            field=models.CharField(
                blank=True,
                default="",
                help_text="why its way out is shut: a code of sending.words",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="sender",
            name="trouble_reply",
            field=models.CharField(blank=True, default="", help_text="what the server said", max_length=500),
        ),
        migrations.AddField(
            model_name="sender",
            name="trouble_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="providerevent",
            index=models.Index(fields=["provider", "-at"], name="provider_event_by_provider"),
        ),
        migrations.AddField(
            model_name="domaincheck",
            name="asked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="domaincheck",
            name="sender",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="domain_checks",
                to="nurturing.sender",
            ),
        ),
        migrations.AddField(
            model_name="webhookkey",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookrefusal",
            constraint=models.UniqueConstraint(
                fields=("provider", "kind"), name="one_refusal_per_webhook_address"
            ),
        ),
        migrations.AddIndex(
            model_name="domaincheck",
            index=models.Index(fields=["sender", "-asked_at"], name="domain_check_newest_first"),
        ),
        migrations.AddConstraint(
            model_name="webhookkey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends_at", None)),
                fields=("provider", "name"),
                name="one_current_webhook_key_per_name",
            ),
        ),
        # one provider more to choose; nothing changes in the database
        migrations.AlterField(
            model_name="sender",
            name="transport",
            field=models.CharField(
                choices=[
                    ("sandbox", "sandbox: nothing leaves this machine"),
                    ("smtp", "mail server (SMTP)"),
                    ("amazon_ses", "Amazon SES"),
                    ("brevo", "Brevo"),
                    ("mailersend", "MailerSend"),
                    ("mailgun", "Mailgun"),
                    ("mailjet", "Mailjet"),
                    ("mailtrap", "Mailtrap"),
                    ("mandrill", "Mandrill"),
                    ("postal", "Postal"),
                    ("postmark", "Postmark"),
                    ("resend", "Resend"),
                    ("scaleway", "Scaleway TEM"),
                    ("sendgrid", "SendGrid"),
                    ("sparkpost", "SparkPost"),
                    ("unisender_go", "Unisender Go"),
                ],
                default="sandbox",
                max_length=20,
                verbose_name="way out",
            ),
        ),
    ]
