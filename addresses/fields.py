from typing import Any

from django.db import models


class AddressField(models.SlugField):
    """A slug in small letters, however it comes: two that differ in capitals would be one address to visitors."""

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        return found.lower() if isinstance(found, str) else found

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        setattr(model_instance, self.attname, self.to_python(getattr(model_instance, self.attname)))
        return super().pre_save(model_instance, add)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.SlugField", args, kwargs  # it is the same in the database
