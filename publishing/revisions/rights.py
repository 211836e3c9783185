"""The right to publish."""

from django.contrib.auth.models import AnonymousUser, User
from django.db import models


def may_publish(user: User | AnonymousUser | None, model: type[models.Model]) -> bool:
    right = f"{model._meta.app_label}.publish_{model._meta.model_name}"
    return user is not None and user.is_active and user.has_perm(right)
