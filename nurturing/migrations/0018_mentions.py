"""An erasure looks for an address in what providers reported and strangers wrote: by an index, not by reading all of it."""

from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("nurturing", "0017_send")]
    operations = [
        migrations.AddIndex(
            "providerevent",
            models.Index(
                Lower("recipient"), name="provider_event_by_recipient", condition=~models.Q(recipient="")
            ),
        ),
        migrations.AddIndex(
            "reply",
            models.Index(Lower("from_address"), name="reply_of_strangers", condition=models.Q(contact=None)),
        ),
    ]
