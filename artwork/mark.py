"""The mark: four knotted fibres, the edge of the tool, four calm fibres.

`icon.svg` stands alone and carries its colours; `mark.svg` is markup to set into a page, which colours its classes.
"""

from collections.abc import Iterator

from artwork.theme import THEMES

KNOT = (
    '<path d="M2 8c6 0 6 13 12.500 13M2 13.300c5 0 5-5.300 12.500-5.300'
    'M2 18.700c6 0 5.500-10 12-5.400M2 24c6 0 7-8 12.500-5.300"/>'
)
CALM = '<path d="M20 8h10M18.800 13.300H30M18.800 18.700H30M20 24h10"/>'
EDGE = '<path d="M19.500 3c-4.700 8-4.700 18 0 26"/>'


def icon() -> str:
    light, dark = THEMES["light"], THEMES["dark"]
    style = (
        f"<style>.f{{stroke:{light.deep};stroke-width:1.9}}.t{{stroke:{light.tool};stroke-width:2.900}}"
        f"@media(prefers-color-scheme:dark){{.f{{stroke:{dark.deep}}}.t{{stroke:{dark.tool}}}}}</style>"
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke-linecap="round">'
        f'{style}<g class="f">{KNOT}{CALM}</g><g class="t">{EDGE}</g></svg>\n'
    )


def inline() -> str:
    return (
        '<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">'
        f'<g class="mark__fibre">{KNOT}{CALM}</g><g class="mark__edge">{EDGE}</g></svg>\n'
    )


def draw() -> Iterator[tuple[str, str]]:
    yield "icon.svg", icon()
    yield "mark.svg", inline()
