"""The addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from nurturing.views import hits, preferences, webhooks

app_name = "nurturing"

urlpatterns: list[URLPattern | URLResolver] = [
    # Out of mails, for people without a login. These addresses are in inboxes for ever: never change them.
    path("c/<path:token>", hits.click, name="click"),
    path("t/<path:token>", hits.trap, name="trap"),
    path("u/<path:token>", preferences.preferences, name="preferences"),
    path("webhooks/<str:provider>/<str:kind>/", webhooks.receive, name="webhook"),
]
