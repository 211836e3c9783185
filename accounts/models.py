from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

INVITED_FOR = timedelta(days=7)


class Session(AbstractBaseSession):
    """A session that knows whose it is: `user` is empty for those who did not sign in."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    device = models.CharField(max_length=80)
    begun_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    @classmethod
    def get_session_store_class(cls) -> type:
        from accounts.sessions import SessionStore

        return SessionStore


class Invitation(models.Model):
    """That somebody may set a password by a link: gone once it was used or taken back."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    password_mark = models.CharField(max_length=64)  # of the password that the link replaces
    made_at = models.DateTimeField(default=timezone.now)

    @property
    def ends_at(self) -> datetime:
        return self.made_at + INVITED_FOR


class Tries(models.Model):
    """How often something was tried since a time; `key` tells nobody what or by whom."""

    key = models.CharField(max_length=64, unique=True)
    since = models.DateTimeField(default=timezone.now, db_index=True)
    number = models.PositiveIntegerField(default=0)


class Change(LogEntry):
    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name_plural = "who changed what"
