from django import forms
from django.db import models
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from pictures.files import renditions, write
from pictures.uploads import FORMATS, decode


class PictureFile(FieldFile):
    """The renditions of a picture, named by the largest WebP file."""

    def save(self, name, content, save=True):
        """Store renditions of the decoded content, never the content itself, and set the model's width and height."""
        image = getattr(content, "image", None) or decode(content)
        self.name = write(image, self.instance.pk)
        self.instance.width, self.instance.height = image.size
        setattr(self.instance, self.field.attname, self.name)
        self._committed = True
        if save:
            self.instance.save()

    @property
    def url(self):
        return rendition_url(self.name)

    @property
    def preview_url(self):
        """The URL of the smallest WebP file."""
        return rendition_url(next(iter(renditions(self.name, "webp").values())))

    def srcset(self, extension):
        files = renditions(self.name, extension).items()
        return ", ".join(f"{rendition_url(name)} {width}w" for width, name in files)


def rendition_url(name):
    return reverse("rendition", args=[name.rpartition("/")[2]])


class PictureUpload(forms.FileField):
    """Refuses what is not a picture, and sets the file's `image` to the decoded one."""

    widget = forms.FileInput(attrs={"accept": ",".join(f"image/{name.lower()}" for name in FORMATS)})

    def to_python(self, data):
        file = super().to_python(data)
        if file is not None:
            file.image = decode(file)
        return file


class PictureField(models.FileField):
    """A file field for a model with the fields `width` and `height`, which must come after it: saving sets them."""

    attr_class = PictureFile

    def formfield(self, **kwargs):
        # The uploaded name is not stored, so it may be of any length.
        return super().formfield(**{"form_class": PictureUpload, **kwargs, "max_length": None})
