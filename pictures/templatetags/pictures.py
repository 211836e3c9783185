from django import template
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pictures.models import Picture

register = template.Library()

LOADING = {"lazy": {"loading": "lazy"}, "eager": {}, "first": {"fetchpriority": "high"}}


@register.simple_tag
def picture(picture: Picture, sizes: str, loading: str = "lazy") -> SafeString:
    """Render a picture so that the browser chooses format and width.

    sizes: the HTML attribute of that name. loading: "lazy" below the fold, "eager" above it, "first" for the largest
    picture above it.
    """
    image = {
        "src": picture.file.url,
        "srcset": picture.file.srcset("webp"),
        "sizes": sizes,
        "alt": picture.alt,
        "width": picture.width,
        "height": picture.height,
        **LOADING[loading],
    }
    return format_html(
        '<picture><source type="image/avif" srcset="{}" sizes="{}"><img{}></picture>',
        picture.file.srcset("avif"),
        sizes,
        flatatt(image),
    )
