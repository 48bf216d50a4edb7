"""The addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from nurturing.views import (
    agreed,
    enrollments,
    hits,
    outbox,
    pieces,
    preferences,
    previews,
    sending,
    sequences,
    steps,
    webhooks,
)

app_name = "nurturing"

urlpatterns: list[URLPattern | URLResolver] = [
    # Out of mails, for people without a login. These addresses are in inboxes for ever: never change them.
    path("c/<path:token>", hits.click, name="click"),
    path("t/<path:token>", hits.trap, name="trap"),
    path("u/<path:token>", preferences.preferences, name="preferences"),
    # Sequences
    path("sequences/", sequences.index, name="sequences"),
    path("sequences/new/", sequences.make, name="new_sequence"),
    path("sequences/enroll/", enrollments.enroll, name="enroll"),
    path("sequences/enroll/<int:batch_id>/undo/", enrollments.undo, name="undo_enroll"),
    path("sequences/<int:sequence_id>/", sequences.show, name="sequence"),
    path("sequences/<int:sequence_id>/settings/", sequences.describe, name="describe_sequence"),
    path("sequences/<int:sequence_id>/publish/", sequences.publish, name="publish"),
    path("sequences/<int:sequence_id>/publish/undo/", sequences.undo_publish, name="undo_publish"),
    path("sequences/<int:sequence_id>/discard/", sequences.discard, name="discard"),
    path("sequences/<int:sequence_id>/steps/", steps.add, name="add_step"),
    path("sequences/<int:sequence_id>/steps/put-back/", steps.put_back, name="put_back"),
    path("sequences/<int:sequence_id>/steps/<slug:step_key>/", steps.show, name="step"),
    path("sequences/<int:sequence_id>/steps/<slug:step_key>/move/", steps.move, name="move_step"),
    path("sequences/<int:sequence_id>/steps/<slug:step_key>/remove/", steps.remove, name="remove_step"),
    path("sequences/<int:sequence_id>/steps/<slug:step_key>/test/", steps.try_out, name="try_step"),
    path("sequences/<int:sequence_id>/steps/<slug:step_key>/mail/", previews.step_frame, name="step_frame"),
    # The library
    path("library/", pieces.index, name="library"),
    path("library/new/", pieces.make, name="new_piece"),
    path("library/<int:piece_id>/", pieces.show, name="piece"),
    path("library/<int:piece_id>/publish/", pieces.publish, name="publish_piece"),
    path("library/<int:piece_id>/publish/undo/", pieces.undo_publish, name="undo_publish_piece"),
    path("library/<int:piece_id>/retire/", pieces.retire, name="retire_piece"),
    path("library/<int:piece_id>/return/", pieces.bring_back, name="bring_back_piece"),
    path("library/<int:piece_id>/test/", pieces.try_out, name="try_piece"),
    path("library/<int:piece_id>/mail/", previews.piece_frame, name="piece_frame"),
    # From the contact's page: what was agreed with one person
    path("people/<int:contact_id>/pause/", agreed.pause_start, name="pause"),
    path("people/<int:contact_id>/pause/end/", agreed.pause_end, name="resume"),
    path("people/<int:contact_id>/pause/<int:pause_id>/again/", agreed.pause_again, name="pause_again"),
    path("people/<int:contact_id>/reminder/", agreed.remind, name="remind"),
    path("people/<int:contact_id>/reminder/<int:reminder_id>/forget/", agreed.forget, name="forget"),
    path("people/<int:contact_id>/rhythm/", agreed.rhythm_set, name="rhythm"),
    path("people/<int:contact_id>/rhythm/back/", agreed.rhythm_back, name="rhythm_back"),
    path("people/<int:contact_id>/enrollment/end/", agreed.leave_sequence, name="leave_sequence"),
    path(
        "people/<int:contact_id>/enrollment/<int:enrollment_id>/return/",
        agreed.return_to_sequence,
        name="return_to_sequence",
    ),
    # Sending
    path("outbox/", outbox.index, name="outbox"),
    path("outbox/tests/<int:mail_id>/", outbox.show_test, name="test_mail"),
    path("outbox/tests/<int:mail_id>/html/", outbox.test_frame, name="test_mail_frame"),
    path("outbox/tests/<int:mail_id>/raw/", outbox.test_raw, name="test_mail_raw"),
    path("mails/<int:send_id>/", outbox.show, name="mail"),
    path("mails/<int:send_id>/html/", outbox.frame, name="mail_frame"),
    path("mails/<int:send_id>/raw/", outbox.raw, name="mail_raw"),
    path("mails/<int:send_id>/count-as-sent/", outbox.count_as_sent, name="count_as_sent"),
    path("mails/<int:send_id>/send-again/", outbox.send_again, name="send_again"),
    path("sending/", sending.show, name="sending"),
    path("sending/test/", sending.try_out, name="try_sending"),
    path("sending/stop/", sending.stop, name="stop_sending"),
    path("sending/release/", sending.release, name="release_sending"),
    path("sending/live/", sending.go_live, name="go_live"),
    path("webhooks/<str:provider>/<str:kind>/", webhooks.receive, name="webhook"),
]
