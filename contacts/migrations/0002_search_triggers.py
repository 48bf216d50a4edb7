"""The search line of each contact, kept by statement triggers so that COPY and bulk updates cannot forget it."""

from django.db import migrations

FORWARD = r"""
-- unaccent() is only STABLE because a dictionary may change; ours is named, so an index may use this one.
CREATE FUNCTION silo_plain(text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, $1)) $$;

CREATE FUNCTION contacts_search_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contacts_contactsearch (contact_id, text)
    SELECT c.id, silo_plain(concat_ws(' ', c.first_name, c.last_name, c.email, c.phone, k.name))
      FROM added c LEFT JOIN contacts_company k ON k.id = c.company_id;
    RETURN NULL;
END $$;

CREATE FUNCTION contacts_search_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE contacts_contactsearch s
       SET text = silo_plain(concat_ws(' ', n.first_name, n.last_name, n.email, n.phone, k.name))
      FROM changed n
      JOIN was o ON o.id = n.id
      LEFT JOIN contacts_company k ON k.id = n.company_id
     WHERE s.contact_id = n.id
       AND (n.first_name, n.last_name, n.email, n.phone, n.company_id)
           IS DISTINCT FROM (o.first_name, o.last_name, o.email, o.phone, o.company_id);
    RETURN NULL;
END $$;

CREATE FUNCTION contacts_search_company_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE contacts_contactsearch s
       SET text = silo_plain(concat_ws(' ', c.first_name, c.last_name, c.email, c.phone, n.name))
      FROM changed n
      JOIN was o ON o.id = n.id AND o.name IS DISTINCT FROM n.name
      JOIN contacts_contact c ON c.company_id = n.id
     WHERE s.contact_id = c.id;
    RETURN NULL;
END $$;

CREATE TRIGGER contacts_search_added AFTER INSERT ON contacts_contact
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION contacts_search_added();
CREATE TRIGGER contacts_search_changed AFTER UPDATE ON contacts_contact
    REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION contacts_search_changed();
CREATE TRIGGER contacts_search_company_renamed AFTER UPDATE ON contacts_company
    REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION contacts_search_company_renamed();
"""
BACKWARD = """
DROP TRIGGER contacts_search_company_renamed ON contacts_company;
DROP TRIGGER contacts_search_changed ON contacts_contact;
DROP TRIGGER contacts_search_added ON contacts_contact;
DROP FUNCTION contacts_search_company_renamed, contacts_search_changed, contacts_search_added;
DROP FUNCTION silo_plain;
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
