"""The addresses of this room. The contact's own page belongs to the silo: it shows all three rooms."""

from django.urls import URLPattern, URLResolver, path

from contacts.views import contacts, details, imports, suppressions

app_name = "contacts"

urlpatterns: list[URLPattern | URLResolver] = [
    path("people/", contacts.index, name="people"),
    path("people/add/", contacts.add, name="add"),
    path("people/<int:contact_id>/edit/", details.edit, name="edit"),
    path("people/<int:contact_id>/stop/", suppressions.stop, name="stop"),
    path("people/<int:contact_id>/stop/lift/", suppressions.lift, name="lift"),
    path("imports/", imports.index, name="imports"),
    path("imports/new/", imports.new, name="new_import"),
    path("imports/<int:batch_id>/", imports.show, name="import"),
    path("imports/<int:batch_id>/read/", imports.read_again, name="import_read"),
    path("imports/<int:batch_id>/check/", imports.check, name="import_check"),
    path("imports/<int:batch_id>/start/", imports.start, name="import_start"),
    path("imports/<int:batch_id>/cancel/", imports.cancel, name="import_cancel"),
    path("imports/<int:batch_id>/undo/", imports.undo, name="import_undo"),
    path("imports/<int:batch_id>/progress/", imports.progress, name="import_progress"),
    path("imports/<int:batch_id>/rejects.csv", imports.rejects, name="import_rejects"),
]
