"""Every address asks for a role, or stands on the short list of those that are open to the world."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

OPEN = {
    "healthz",  # for the load balancer
    "readyz",
    "metrics",  # asks for METRICS_TOKEN itself
    "dashboard",  # leads an empty silo to its first run; what it shows is guarded one call further
    "first_run",  # only while there is no admin
    "invitation",  # the token is the key
    "set_language",
    "theme",
    "nurturing:click",  # out of mails
    "nurturing:trap",
    "nurturing:preferences",
    "nurturing:webhook",  # signed by the provider
    "nurturing:join",  # whoever wants to hear from us
    "nurturing:confirm",  # the token in the mail is the key
    "nurturing:your_data",  # whoever wants to see or erase what we have
}
# Login, logout, password reset, second factor: allauth guards its own.
OF_ALLAUTH = "allauth."


def addresses(
    patterns: list[URLPattern | URLResolver], rooms: tuple[str, ...] = ()
) -> Iterator[tuple[str, URLPattern]]:
    for one in patterns:
        if isinstance(one, URLResolver):
            inside = (*rooms, one.namespace) if one.namespace else rooms
            yield from addresses(one.url_patterns, inside)
        else:
            yield ":".join((*rooms, one.name or str(one.pattern))), one


def test_every_address_asks_for_a_role_or_is_listed_as_open() -> None:
    unguarded = {
        name
        for name, one in addresses(get_resolver().url_patterns)
        if not getattr(one.callback, "required_roles", ())
        and not one.callback.__module__.startswith(OF_ALLAUTH)
        and name not in OPEN
    }
    assert unguarded == set()


def test_the_list_of_open_addresses_names_only_what_exists_and_needs_it() -> None:
    guarded = {
        name: bool(getattr(one.callback, "required_roles", ()))
        for name, one in addresses(get_resolver().url_patterns)
    }
    assert {name for name in OPEN if guarded.get(name, True)} == set()
