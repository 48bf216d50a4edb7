"""Every address of the product; each room lists its own."""

from django.urls import URLPattern, URLResolver, include, path

from silo.views import (
    colleagues,
    company,
    contact,
    dashboard,
    doctor,
    first_run,
    health,
    search,
    styleguide,
    theme,
)

urlpatterns: list[URLPattern | URLResolver] = [
    # Its first addresses are asked for by machines, by the thousand.
    path("", include("nurturing.urls")),
    path("", dashboard.show, name="dashboard"),
    path("welcome/", first_run.begin, name="first_run"),
    path("search/", search.find, name="search"),
    path("doctor/", doctor.show, name="doctor"),
    path("health/", health.show, name="health"),
    # for machines
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.measure, name="metrics"),
    # one person, all three rooms
    path("people/<int:contact_id>/", contact.show, name="contact"),
    path("people/<int:contact_id>/earlier/", contact.earlier, name="contact_earlier"),
    path("people/<int:contact_id>/why/", contact.explain, name="contact_why"),
    # a company, all three rooms
    path("companies/", company.index, name="companies"),
    path("companies/<int:company_id>/", company.show, name="company"),
    # colleagues
    path("colleagues/", colleagues.index, name="colleagues"),
    path("colleagues/invitations/", colleagues.invite, name="invite"),
    path(
        "colleagues/invitations/<int:invitation_id>/withdraw/",
        colleagues.withdraw,
        name="withdraw_invitation",
    ),
    path("colleagues/<int:user_id>/roles/", colleagues.set_roles, name="set_roles"),
    path("colleagues/<int:user_id>/one-step/", colleagues.end_second_step, name="end_second_step"),
    path("colleagues/<int:user_id>/leave/", colleagues.let_go, name="let_colleague_go"),
    path("colleagues/<int:user_id>/return/", colleagues.take_back, name="take_back_colleague"),
    path("invitation/<str:token>/", colleagues.arrive, name="invitation"),
    # the frame
    path("theme/", theme.choose, name="theme"),
    path("styleguide/", styleguide.show, name="styleguide"),
    path("language/", include("django.conf.urls.i18n")),
    path("account/", include("allauth.urls")),
    # the rooms
    path("", include("sales.urls")),
    path("", include("contacts.urls")),
]

handler400 = "silo.disk.bad_request"  # a full disk, too
