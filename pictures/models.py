import logging
import re
from functools import partial
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.dateformat import format as formatted

from pictures import files
from pictures.fields import PictureField
from pictures.holds import are_files_kept
from publishing.models import Stored

# "holiday.jpg", "IMG_1234", "DSC 0042 (1)", "20260101_101500", "IMG-20260101-WA0007"
FILE_NAME = re.compile(
    r".+\.(jpe?g|png|webp|avif|gif|hei[cf]|tiff?|bmp|svg)"
    r"|(img|imgp|dsc|dscn|dscf|pxl|mvi|gopr|p|image|photo|picture|screenshot)?[-_ ]?\d[\dwa\s_.()-]*",
    re.IGNORECASE,
)

log = logging.getLogger(__name__)


class Picture(Stored):
    file = PictureField(
        help_text="A JPEG, PNG, WebP or AVIF file of at most 15 MB. Its place and time of recording are not kept."
    )
    width = models.PositiveSmallIntegerField(editable=False)
    height = models.PositiveSmallIntegerField(editable=False)
    alt = models.CharField(
        "description",
        max_length=250,
        blank=True,
        help_text="What the picture shows, in one sentence, for who cannot see it.",
    )
    is_decorative = models.BooleanField(
        "only decoration", default=False, help_text="Tick it if nothing is missed without the picture."
    )
    credit = models.CharField(
        max_length=120, blank=True, help_text="Who made the picture; shown below it. Empty: nothing is shown."
    )
    release_noted_at = models.DateTimeField(
        "release noted",
        null=True,
        blank=True,
        help_text="When it was noted that everyone in the picture agreed to its being shown.",
    )

    class Meta:
        ordering = ["-updated_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="picture_described_or_decorative",
                condition=(~Q(alt="") & Q(is_decorative=False)) | Q(alt="", is_decorative=True),
                violation_error_code="alt",
                violation_error_message="Describe the picture, or tick “only decoration”, but not both.",
            )
        ]

    def __str__(self) -> str:
        changed = formatted(timezone.localtime(self.updated_at), "M j, Y") if self.updated_at else "new"
        return self.alt or f"Decoration, {self.width} × {self.height} ({changed})"

    def clean(self) -> None:
        is_new = self.file and not self.file.is_stored
        uploaded = {self.file.name, PurePath(self.file.name).stem} if is_new else set()
        if FILE_NAME.fullmatch(self.alt) or (self.alt in uploaded and " " not in self.alt):
            raise ValidationError(
                {"alt": "This is the name of a file. Say what the picture shows, as you would on the telephone."}
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = Picture.objects.filter(pk=self.pk).values_list("file", flat=True).first()
        super().save(*args, **kwargs)
        transaction.on_commit(partial(delete_unused_files, before), robust=True)


@receiver(post_delete, sender=Picture)
def delete_files_on_commit(instance: Picture, **kwargs: Any) -> None:
    transaction.on_commit(partial(delete_unused_files, instance.file.name), robust=True)


def delete_unused_files(name: str | None) -> None:
    """What cannot be deleted now is deleted with another picture, a day later."""
    used = set(Picture.objects.values_list("file", flat=True))
    try:
        if are_files_kept():  # asked after that look at what is used
            return
        if name and name not in used:
            files.delete(name)
        files.delete_orphans(used)
    except OSError as error:
        log.error("The files of a picture could not be deleted: %s", error)
