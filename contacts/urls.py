"""The addresses of this room. The contact's own page belongs to the silo: it shows all three rooms."""

from django.urls import URLPattern, URLResolver, path

from contacts.views import bulk_changes, contacts, details, exports, import_runs, imports, saved_views, suppressions

app_name = "contacts"

urlpatterns: list[URLPattern | URLResolver] = [
    path("people/", contacts.index, name="people"),
    path("people/views/", saved_views.index, name="views"),
    path("people/views/save/", saved_views.save, name="save_view"),
    path("people/views/<int:view_id>/rename/", saved_views.rename, name="rename_view"),
    path("people/views/<int:view_id>/delete/", saved_views.delete, name="delete_view"),
    path("people/views/<int:view_id>/restore/", saved_views.restore, name="restore_view"),
    path("people/views/<int:view_id>/open/", saved_views.open_with, name="open_with"),
    path("people/columns/", saved_views.columns, name="columns"),
    path("people/many/<slug:name>/", bulk_changes.change_many, name="change_many"),
    path("people/changes/", bulk_changes.index, name="changes"),
    path("people/changes/<int:change_id>/", bulk_changes.show, name="change"),
    path("people/changes/<int:change_id>/progress/", bulk_changes.progress, name="change_progress"),
    path("people/changes/<int:change_id>/cancel/", bulk_changes.cancel, name="cancel_change"),
    path("people/changes/<int:change_id>/undo/", bulk_changes.undo, name="undo_change"),
    path("people/export/", exports.new, name="export"),
    path("people/exports/", exports.index, name="exports"),
    path("people/exports/<int:export_id>/", exports.show, name="export_file"),
    path("people/exports/<int:export_id>/progress/", exports.progress, name="export_progress"),
    path("people/exports/<int:export_id>/download/", exports.download, name="download_export"),
    path("people/count/", contacts.count, name="people_count"),
    path("people/add/", contacts.add, name="add"),
    path("people/<int:contact_id>/edit/", details.edit, name="edit"),
    path("people/<int:contact_id>/stop/", suppressions.stop, name="stop"),
    path("people/<int:contact_id>/stop/lift/", suppressions.lift, name="lift"),
    path("imports/", imports.index, name="imports"),
    path("imports/new/", imports.new, name="new_import"),
    path("imports/<int:batch_id>/", imports.show, name="import"),
    path("imports/layouts/<int:layout_id>/forget/", imports.forget_layout, name="forget_layout"),
    path("imports/<int:batch_id>/read/", imports.read_again, name="import_read"),
    path("imports/<int:batch_id>/check/", imports.check, name="import_check"),
    path("imports/<int:batch_id>/discard/", imports.discard, name="import_discard"),
    path("imports/<int:batch_id>/start/", import_runs.start, name="import_start"),
    path("imports/<int:batch_id>/pause/", import_runs.pause, name="import_pause"),
    path("imports/<int:batch_id>/resume/", import_runs.resume, name="import_resume"),
    path("imports/<int:batch_id>/cancel/", import_runs.cancel, name="import_cancel"),
    path("imports/<int:batch_id>/undo/", import_runs.undo, name="import_undo"),
    path("imports/<int:batch_id>/progress/", import_runs.progress, name="import_progress"),
    path("imports/<int:batch_id>/rejects.csv", import_runs.rejects, name="import_rejects"),
]
