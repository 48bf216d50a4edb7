"""The keys of companies made again: their legal form is known in front of the name and written out, too ("AB Fjord", "Fjord Aktiebolag").

Two companies that become one by this rule stay two: the key goes to the older one, the other keeps the key it has and is
shown beside it as perhaps the same.
"""

from typing import Any

from django.db import migrations

from contacts.reading import values

CHUNK = 5_000


def make_again(apps: Any, editor: Any) -> None:
    """Every key that the rule of today makes otherwise, where nobody has the new one."""
    company = apps.get_model("contacts", "Company")
    wanted: dict[str, int] = {}
    rows = company.objects.order_by("id").values_list("id", "name", "name_key")
    for pk, name, key in rows.iterator(chunk_size=CHUNK):
        fresh = values.company_key(name)[:300]
        if fresh != key and not key.startswith("#"):  # "#7" is what an erasure leaves
            wanted.setdefault(fresh, pk)
    keys = list(wanted)
    for at in range(0, len(keys), CHUNK):
        part = keys[at : at + CHUNK]
        taken = set(company.objects.filter(name_key__in=part).values_list("name_key", flat=True))
        free = [(wanted[key], key) for key in part if key not in taken]
        with editor.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE contacts_company c SET name_key = w.key"
                " FROM unnest(%s::bigint[], %s::text[]) AS w (id, key) WHERE w.id = c.id",
                [[pk for pk, _key in free], [key for _pk, key in free]],
            )


class Migration(migrations.Migration):
    dependencies = [("contacts", "0014_said_again")]
    operations = [migrations.RunPython(make_again, migrations.RunPython.noop)]
