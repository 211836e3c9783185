from functools import lru_cache

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pictures.templatetags.pictures import LOADING

register = template.Library()

# Width and height of the files that `artwork/` generates.
SIZES = {
    "figure": (620, 572),
    "hero": (1600, 480),
    "lost": (1200, 440),
    "press": (320, 156),
    "print": (400, 160),
    "ruler-knots": (324, 150),
    "strip": (1000, 190),
    "tool": (150, 480),
}
# What a drawing tells that the words beside it do not.
TEXTS = {
    "foam": "Drawing: a broad roller presses all layers of muscle down over a wide stretch.",
    "guasha": "Drawing: a flat stone strokes the skin; the layers below hardly move.",
    "massage": "Drawing: two hands press the upper layers of muscle and raise a fold between them.",
    "scraping-1": "Drawing: a rounded edge starts across tangled fibers, which run smooth and parallel behind it.",
    "scraping-2": "Drawing: the rounded edge is halfway; behind it all layers run smooth and parallel.",
    "scraping-3": "Drawing: the rounded edge has almost passed; nearly all fibers run smooth and parallel.",
}


@register.simple_tag
def drawing(name: str, alt: str = "", css: str = "", loading: str = "lazy", region: str = "") -> SafeString:
    """Render a drawing in its light and dark version.

    loading: "lazy" below the fold, "eager" above it, "first" for the largest picture above it. region: the id of the
    element to show of a file that holds several drawings.
    """
    size = SIZES.get(region) or SIZES.get(name) or SIZES[name.partition("-")[0]]
    light, dark = staticfiles_storage.url(f"img/{name}-light.svg"), staticfiles_storage.url(f"img/{name}-dark.svg")
    part = f"#{region}" if region else ""
    return markup(light + part, dark + part, alt or TEXTS.get(region, ""), css, loading, size)


@lru_cache(256)
def markup(light: str, dark: str, alt: str, css: str, loading: str, size: tuple[int, int]) -> SafeString:
    attributes = {"src": light, "alt": alt, "width": size[0], "height": size[1], **LOADING[loading]}
    return format_html(
        '<picture><source srcset="{}" media="(prefers-color-scheme:dark)"><img{}></picture>',
        dark,
        flatatt(attributes | ({"class": css} if css else {})),
    )
