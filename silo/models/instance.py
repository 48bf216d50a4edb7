"""Which database this silo lives in, so that a copy notices that it is one."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Instance(models.Model):
    """The one row that says where this silo lives: a restored backup carries the place of the database it was taken from."""

    only = models.BooleanField(primary_key=True, default=True, editable=False)
    place = models.CharField(
        max_length=80, help_text="PostgreSQL's own number of the cluster, and of the database in it"
    )
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("instance")
        constraints = [models.CheckConstraint(condition=models.Q(only=True), name="one_instance")]

    def __str__(self) -> str:
        return self.place
