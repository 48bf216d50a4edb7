"""An import asks for those whom it can know by a number alone: the few who have no address."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0012_find")]
    operations = [
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                fields=["phone"],
                name="contact_no_address_by_phone",
                condition=models.Q(("email", None), models.Q(("phone", ""), _negated=True)),
            ),
        ),
    ]
