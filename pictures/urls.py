from django.urls import path, register_converter
from django.urls.converters import StringConverter

from pictures import views
from pictures.files import NAME


class RenditionConverter(StringConverter):
    regex = NAME


register_converter(RenditionConverter, "rendition")

urlpatterns = [
    path("media/<rendition:name>", views.rendition, name="rendition"),
]
