"""The addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from sales.views import calls, claims, opportunities, purchases, queue, referrals

app_name = "sales"

urlpatterns: list[URLPattern | URLResolver] = [
    path("today/", queue.today, name="today"),
    path("today/<int:contact_id>/claim/", claims.take, name="claim"),
    path("today/<int:contact_id>/release/", claims.release, name="release"),
    path("today/<int:contact_id>/outcome/", calls.record, name="outcome"),
    path("calls/<int:call_id>/undo/", calls.undo, name="undo"),
    path("pipeline/", opportunities.board, name="pipeline"),
    path("pipeline/<int:opportunity_id>/", opportunities.show, name="opportunity"),
    path("pipeline/<int:opportunity_id>/change/", opportunities.change, name="change"),
    path("pipeline/<int:opportunity_id>/move/", opportunities.move, name="move"),
    path("pipeline/<int:opportunity_id>/won/", opportunities.won, name="won"),
    path("pipeline/<int:opportunity_id>/lost/", opportunities.lost, name="lost"),
    path("pipeline/<int:opportunity_id>/reopen/", opportunities.reopen, name="reopen"),
    path("purchases/<int:purchase_id>/", purchases.show, name="purchase"),
    path("referrals/<int:contact_id>/", referrals.name, name="refer"),
    path("referrals/<int:referral_id>/nobody/", referrals.nobody, name="nobody"),
]
