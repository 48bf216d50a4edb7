"""Views of the list that are kept under a name, and its columns."""

import pytest

from contacts.models import CustomField, ListLayout, SavedView
from silo.models import User
from tests import cast


def saved(client: object, query: str, **said: str) -> SavedView:
    client.post(f"/people/views/save/{query}", said)  # type: ignore[attr-defined]
    return SavedView.objects.latest("pk")


def test_filters_order_and_columns_are_kept_under_a_name(db: None, sam: User) -> None:
    client = cast.client_of(sam)
    client.post("/people/columns/", {"columns": ["city", "owner"]})
    view = saved(client, "?q=anna&country=NO&sort=warmest", name="Warm in Norway")
    assert (view.asked, view.order, view.columns) == (
        {"q": "anna", "country": "NO"},
        "warmest",
        ["city", "owner"],
    )
    page = client.get("/people/?all=1").content.decode()
    assert f"?q=anna&amp;country=NO&amp;sort=warmest&amp;view={view.pk}" in page


def test_a_view_of_ones_own_is_ones_own_until_it_is_shared(db: None, sam: User, tess: User) -> None:
    view = saved(cast.client_of(sam), "?q=anna", name="Mine")
    tess_client = cast.client_of(tess)
    assert "Mine" not in tess_client.get("/people/?all=1").content.decode()
    cast.client_of(sam).post(f"/people/views/{view.pk}/rename/", {"name": "Ours", "shared": "on"})
    assert "Ours" in tess_client.get("/people/?all=1").content.decode()
    assert tess_client.post(f"/people/views/{view.pk}/rename/", {"name": "Stolen"}).status_code == 404
    assert tess_client.post(f"/people/views/{view.pk}/delete/").status_code == 404
    view.refresh_from_db()
    assert (view.name, view.deleted_at) == ("Ours", None)


def test_a_view_is_thrown_away_with_a_way_back(db: None, sam: User) -> None:
    client = cast.client_of(sam)
    view = saved(client, "?q=anna", name="Mine")
    answer = client.post(f"/people/views/{view.pk}/delete/", follow=True)
    assert f"/people/views/{view.pk}/restore/" in answer.content.decode()
    assert not SavedView.objects.kept().exists()
    client.post(f"/people/views/{view.pk}/restore/")
    assert SavedView.objects.kept().get() == view


def test_no_two_views_of_one_name(db: None, sam: User) -> None:
    client = cast.client_of(sam)
    view = saved(client, "?q=anna", name="Mine")
    answer = client.post("/people/views/save/?q=olle", {"name": "Mine"}, follow=True)
    assert "You have a view called" in answer.content.decode()
    assert SavedView.objects.count() == 1
    client.post("/people/views/save/?q=olle", {"view": str(view.pk)})
    view.refresh_from_db()
    assert view.asked == {"q": "olle"}


def test_the_list_opens_with_the_view_of_choice(db: None, sam: User) -> None:
    client = cast.client_of(sam)
    view = saved(client, "?q=anna", name="Mine")
    client.post(f"/people/views/{view.pk}/open/")
    assert client.get("/people/").headers["Location"] == f"/people/?q=anna&view={view.pk}"
    assert client.get("/people/?all=1").status_code == 200
    client.post("/people/views/0/open/")
    assert client.get("/people/").status_code == 200


def test_columns_are_remembered_also_those_of_the_companys_own(db: None, sam: User) -> None:
    CustomField.objects.create(key="turnover", name="Turnover", kind="number")
    cast.contact("Anna", "Lind", custom={"turnover": 4711}, city="Bergen")
    client = cast.client_of(sam)
    client.post("/people/columns/", {"columns": ["custom:turnover", "city", "nonsense"]})
    page = client.get("/people/").content.decode()
    assert "4711" in page and "Bergen" in page and "In the silo since</th>" not in page
    client.post("/people/columns/", {"columns": ["city"], "usual": "1"})
    assert ListLayout.objects.get(pk=sam.pk).columns == []
    assert "In the silo since</th>" in client.get("/people/").content.decode()


@pytest.mark.parametrize("said", [{"name": ""}, {"name": "x" * 81}])
def test_a_view_needs_a_name_that_fits(db: None, sam: User, said: dict[str, str]) -> None:
    cast.client_of(sam).post("/people/views/save/?q=anna", said)
    assert not SavedView.objects.exists()
