from django.urls import path, register_converter
from django.urls.converters import StringConverter

from pictures import views


class RenditionConverter(StringConverter):
    regex = r"[0-9a-f]{32}-[1-9][0-9]{0,3}\.(?:avif|webp)"


register_converter(RenditionConverter, "rendition")

urlpatterns = [
    path("media/<rendition:name>", views.rendition, name="rendition"),
]
