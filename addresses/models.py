from django.db import models
from django.utils import timezone


class NotFound(models.Model):
    """How often visitors asked on a day for an address at which there is nothing; who they were is not known.

    It is no content: pages do not change with it.
    """

    path = models.CharField(max_length=200)
    day = models.DateField(default=timezone.localdate)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()  # who may add redirects sees them
        indexes = [models.Index(fields=["day"], name="not_found_on_a_day")]
        constraints = [models.UniqueConstraint(fields=["path", "day"], name="not_found_once_a_day")]

    def __str__(self) -> str:
        return self.path
