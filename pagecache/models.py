from django.db import models


class ContentVersion(models.Model):
    """The version of all content: one row, whose value another one replaces at each commit that changed content."""

    value = models.CharField(max_length=36)

    class Meta:
        db_table = "publishing_contentversion"  # of the app that the table was made by
        default_permissions = ()
        constraints = [models.CheckConstraint(name="contentversion_is_one", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return self.value
