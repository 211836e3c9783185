"""The redirects, a model of Django's own, in the admin."""

from typing import Any

import django.contrib.redirects.admin
import django.contrib.sites.admin  # noqa: F401 - both register what is unregistered below
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.redirects.models import Redirect
from django.contrib.sites.models import Site
from django.core.exceptions import ValidationError
from django.http import HttpRequest

admin.site.unregister([Site, Redirect])


class RedirectForm(forms.ModelForm):
    class Meta:
        model = Redirect
        fields = ["old_path", "new_path"]
        labels = {"old_path": "Old address", "new_path": "New address"}
        help_texts = {
            "old_path": "Without the site's name, such as /old-page/.",
            "new_path": "Such as /services/, or an address elsewhere with its https://. Empty: the page is gone.",
        }

    def clean_old_path(self) -> str:
        path: str = self.cleaned_data["old_path"]
        if not path.startswith("/"):
            raise ValidationError("Begin the address with a slash, such as /old-page/.")
        same_path = Redirect.objects.filter(site_id=settings.SITE_ID, old_path=path)
        if same_path.exclude(pk=self.instance.pk).exists():
            raise ValidationError("This old address is already redirected. Change that redirect instead.")
        return path

    def clean_new_path(self) -> str:
        path: str = self.cleaned_data["new_path"]
        if path and not path.startswith(("/", "https://", "http://")):
            raise ValidationError("Begin the address with a slash or with https://.")
        if path and path == self.cleaned_data.get("old_path"):
            raise ValidationError("This is the old address.")
        return path


@admin.register(Redirect)
class RedirectAdmin(admin.ModelAdmin):
    form = RedirectForm
    list_display = ["old_path", "new_path"]
    search_fields = ["old_path", "new_path"]

    def save_model(self, request: HttpRequest, obj: Redirect, form: Any, change: bool) -> None:
        obj.site_id = settings.SITE_ID
        super().save_model(request, obj, form, change)
