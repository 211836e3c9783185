from django import forms
from django.db import models
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from pictures.files import renditions, write
from pictures.uploads import FORMATS, decoded


class PictureFile(FieldFile):
    """A picture's files. What is assigned to the field is decoded and encoded anew before anything is stored."""

    def save(self, name, content, save=True):
        image = getattr(content, "image", None) or decoded(content)
        self.name = write(image, self.instance.pk)
        self.instance.width, self.instance.height = image.size
        setattr(self.instance, self.field.attname, self.name)
        self._committed = True
        if save:
            self.instance.save()

    @property
    def url(self):
        return address(self.name)

    @property
    def preview_url(self):
        """The smallest of the files."""
        return address(next(iter(renditions(self.name, "webp").values())))

    def srcset(self, extension):
        """All files of a format for the attribute of that name."""
        found = renditions(self.name, extension).items()
        return ", ".join(f"{address(name)} {width}w" for width, name in found)


def address(name):
    return reverse("rendition", args=[name.rpartition("/")[2]])


class PictureUpload(forms.FileField):
    """Refuses what is not a picture, and leaves the pixels of one in the file's `image`."""

    widget = forms.FileInput(attrs={"accept": ",".join(f"image/{name.lower()}" for name in FORMATS)})

    def to_python(self, data):
        file = super().to_python(data)
        if file is not None:
            file.image = decoded(file)
        return file


class PictureField(models.FileField):
    """Stands before the fields `width` and `height` of its model: saving fills them in."""

    attr_class = PictureFile

    def formfield(self, **kwargs):
        # The uploaded name is not kept, so it may be of any length.
        return super().formfield(**{"form_class": PictureUpload, **kwargs, "max_length": None})
