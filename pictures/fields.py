from typing import TYPE_CHECKING, Any, Self, overload

from django import forms
from django.core.files.base import File
from django.db import models
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from pictures.encoding import Renditions, encode
from pictures.files import renditions, write
from pictures.formats import MAX_PIXELS

if TYPE_CHECKING:
    from pictures.models import Picture


class EncodedFile(File):
    def __init__(self, file: "File[Any]", encoded: Renditions) -> None:
        super().__init__(file.file, file.name)
        self.encoded = encoded


class PictureFile(FieldFile):
    instance: "Picture"
    name: str  # the column is not null
    _committed: bool

    def save(self, name: str, content: "File[Any]", save: bool = True) -> None:
        encoded = content.encoded if isinstance(content, EncodedFile) else encode(content)
        self.name = write(encoded, self.instance.pk)
        self.instance.width, self.instance.height = encoded.size
        setattr(self.instance, self.field.attname, self.name)
        self._committed = True
        if save:
            self.instance.save()

    @property
    def is_stored(self) -> bool:
        return self._committed

    @property
    def url(self) -> str:
        return rendition_url(self.name)

    @property
    def preview_url(self) -> str:
        return rendition_url(next(iter(renditions(self.name, "webp").values())))

    def srcset(self, extension: str) -> str:
        files = renditions(self.name, extension).items()
        return ", ".join(f"{rendition_url(name)} {width}w" for width, name in files)


def rendition_url(name: str) -> str:
    return reverse("rendition", args=[name.rpartition("/")[2]])


class PictureUpload(forms.FileField):
    widget = forms.FileInput(attrs={"accept": ",".join(f"image/{name.lower()}" for name in MAX_PIXELS)})

    def to_python(self, data: "File[Any] | None") -> EncodedFile | None:
        file = super().to_python(data)
        return None if file is None else EncodedFile(file, encode(file))


class PictureField(models.FileField):
    """A file field for a model with the fields `width` and `height`, which must come after it: saving sets them."""

    attr_class = PictureFile

    if TYPE_CHECKING:  # FileField's own declarations know FieldFile alone

        @overload
        def __get__(self, instance: None, owner: Any) -> Any: ...
        @overload
        def __get__(self, instance: models.Model, owner: Any) -> PictureFile: ...
        @overload
        def __get__(self, instance: Any, owner: Any) -> Self: ...
        def __get__(self, instance: Any, owner: Any) -> Any: ...

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        # The uploaded name is not stored, so it may be of any length.
        return super().formfield(**{"form_class": PictureUpload, **kwargs, "max_length": None})
