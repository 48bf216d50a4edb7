"""Every address of the product; each room lists its own."""

from django.urls import URLPattern, URLResolver, include, path

from silo.views import colleagues, first_run, health, search, styleguide, theme

urlpatterns: list[URLPattern | URLResolver] = [
    path("welcome/", first_run.begin, name="first_run"),
    path("search/", search.find, name="search"),
    path("healthz", health.alive, name="healthz"),
    path("invitation/<str:token>/", colleagues.arrive, name="invitation"),
    path("styleguide/", styleguide.show, name="styleguide"),
    path("theme/", theme.choose, name="theme"),
    path("language/", include("django.conf.urls.i18n")),
    path("account/", include("allauth.urls")),
    path("", include("sales.urls")),
    path("", include("nurturing.urls")),
    path("", include("contacts.urls")),
]
