from django import forms
from django.contrib import admin
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from pictures.fields import PictureField, PictureUpload
from pictures.models import Picture
from publishing.staff.forms import StaffForm, in_words
from publishing.staff.recovery import RecoverableAdmin

# The reverse relations of services and pages, which this app may not import.
USED_BY = [relation.get_accessor_name() for relation in Picture._meta.related_objects]


def is_stored(picture):
    """Return whether the renditions are stored: those of an invalid form are not."""
    return bool(picture.width and picture.file._committed)


class PictureForm(forms.ModelForm):
    def full_clean(self):
        super().full_clean()
        if self.is_bound and self.errors and "file" not in self.errors and self.files.get(self.add_prefix("file")):
            self.add_error("file", "Choose the file again: browsers do not keep it while something else is corrected.")


@admin.register(Picture)
class PictureAdmin(StaffForm, RecoverableAdmin):
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

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related(*USED_BY)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Skip the transaction of Django's own: while a picture is encoded, others must be able to save."""
        return self._changeform_view(request, object_id, form_url, extra_context)

    @admin.display(description="picture")
    def preview(self, obj):
        if not is_stored(obj):
            return "Shown once it is saved"
        image = '<img class="preview" src="{}" alt="{}" width="{}" height="{}" loading="lazy">'
        return format_html(image, obj.file.preview_url, obj, obj.width, obj.height)

    @admin.display(ordering="alt")
    def description(self, obj):
        return obj.alt or "Only decoration"

    @admin.display(description="used by")
    def used_by(self, obj):
        rows = [row for relation in USED_BY for row in getattr(obj, relation).all()]
        links = [(reverse(admin_urlname(row._meta, "change"), args=[row.pk]), row) for row in rows]
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "Nothing yet"

    @admin.display(ordering="width")
    def size(self, obj):
        return f"{obj.width} × {obj.height}" if is_stored(obj) else "Not saved yet"

    @admin.display(description="release noted", boolean=True, ordering="release_noted_at")
    def is_release_noted(self, obj):
        return obj.release_noted_at is not None

    @admin.display(ordering="updated_at")
    def last_changed(self, obj):
        return in_words(obj.updated_at) if obj.updated_at else "Not saved yet"
