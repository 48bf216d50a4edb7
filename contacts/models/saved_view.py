"""How colleagues like to see the list of people."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def kept(self) -> "SavedViewQuerySet":
        """Those that nobody threw away."""
        return self.filter(deleted_at=None)

    def seen_by(self, user_id: int) -> "SavedViewQuerySet":
        """A colleague's own ones and everybody's."""
        return self.kept().filter(models.Q(by_id=user_id) | models.Q(shared=True))


class SavedView(models.Model):
    """A name for filters, order and columns: one's own, or one for everybody."""

    name = models.CharField(_("name"), max_length=80)
    asked = models.JSONField(default=dict, help_text="search and filters, field by field")
    order = models.CharField(max_length=20, blank=True, default="")
    columns = models.JSONField(
        default=list, help_text="names of columns, in their order; empty: the usual ones"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    shared = models.BooleanField(_("for everybody"), default=False)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(
                fields=["by", "name"],
                condition=models.Q(deleted_at=None),
                name="one_view_of_a_name_per_colleague",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ListLayout(models.Model):
    """A colleague's own columns, and the view with which the list opens."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="list_layout"
    )
    columns = models.JSONField(default=list)
    opens_with = models.ForeignKey(SavedView, models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.user_id}: {', '.join(self.columns)}"
