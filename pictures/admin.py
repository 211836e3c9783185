import logging
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from pictures.fields import PictureField, PictureUpload
from pictures.formats import BUSY
from pictures.models import Picture
from publishing.staff.forms import StaffForm
from publishing.staff.publishable import in_words
from publishing.staff.recovery import RecoverableAdmin
from publishing.staff.searching import FoldedSearch

# The reverse relations of services and pages, which this app may not import.
USED_BY = [name for relation in Picture._meta.related_objects if (name := relation.get_accessor_name())]

log = logging.getLogger(__name__)


def is_stored(picture: Picture) -> bool:
    return bool(picture.width and picture.file.is_stored)


class PictureForm(forms.ModelForm):
    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.errors and "file" not in self.errors and self.files.get(self.add_prefix("file")):
            self.add_error("file", "Choose the file again: browsers do not keep it while something else is corrected.")
        if self.is_bound and not self.errors:
            self.store()

    def store(self) -> None:
        """Before anything is saved: what cannot be stored is told beside the field."""
        try:
            Picture._meta.get_field("file").pre_save(self.instance, add=False)
        except OSError as error:
            log.error("A picture could not be stored: %s", error)
            self.add_error("file", BUSY)


@admin.register(Picture)
class PictureAdmin(StaffForm, FoldedSearch, RecoverableAdmin):
    form = PictureForm
    formfield_overrides = {PictureField: {"widget": PictureUpload.widget}}
    list_display = ["preview", "description", "used_by", "size", "is_release_noted", "last_changed"]
    list_display_links = ["preview", "description"]
    list_filter = ["is_decorative", ("release_noted_at", admin.EmptyFieldListFilter)]
    search_fields = ["alt", "credit"]
    search_help_text = "Looks in the descriptions and the credits."
    readonly_fields = ["preview", "size", "used_by", "last_changed"]
    fields = [
        "preview",
        "file",
        "alt",
        "is_decorative",
        "credit",
        "release_noted_at",
        "size",
        "used_by",
        "last_changed",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Picture]:
        return super().get_queryset(request).prefetch_related(*USED_BY)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        # Without the transaction of Django's own: while a picture is encoded, others must be able to save.
        response: HttpResponse = self._changeform_view(  # type: ignore[attr-defined] # private to Django
            request, object_id, form_url, extra_context
        )
        return response

    @admin.display(description="picture")
    def preview(self, obj: Picture) -> str:
        if not is_stored(obj):
            return "Shown once it is saved"
        image = '<img class="preview" src="{}" alt="{}" width="{}" height="{}" loading="lazy">'
        return format_html(image, obj.file.preview_url, obj, obj.width, obj.height)

    @admin.display(ordering="alt")
    def description(self, obj: Picture) -> str:
        return obj.alt or "Only decoration"

    @admin.display(description="used by")
    def used_by(self, obj: Picture) -> str:
        rows = [row for relation in USED_BY for row in getattr(obj, relation).all()]
        names = [f"admin:{row._meta.app_label}_{row._meta.model_name}_change" for row in rows]
        links = [(reverse(name, args=[row.pk]), row) for name, row in zip(names, rows, strict=True)]
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "Nothing yet"

    @admin.display(ordering="width")
    def size(self, obj: Picture) -> str:
        return f"{obj.width} × {obj.height}" if is_stored(obj) else "Not saved yet"

    @admin.display(description="release noted", boolean=True, ordering="release_noted_at")
    def is_release_noted(self, obj: Picture) -> bool:
        return obj.release_noted_at is not None

    @admin.display(ordering="updated_at")
    def last_changed(self, obj: Picture) -> str:
        return in_words(obj.updated_at) if obj.updated_at else "Not saved yet"
