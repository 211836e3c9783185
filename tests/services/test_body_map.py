import itertools
import re
from pathlib import Path
from types import SimpleNamespace

from pytest_django.asserts import assertContains, assertNotContains

from services.body import HEIGHT, RADIUS, REGIONS, WIDTH
from services.body_map import marks, spots
from services.models import Condition

SHEET = Path(__file__).parents[2] / "static/css/components/body_map.css"
ART = Path(__file__).parents[2] / "static/img"


def test_only_named_regions_are_marked(client, service):
    answer = client.get(service.get_absolute_url())
    for label in ("Heel", "Elbow", "Achilles tendon", "Legs", "Back", "Shoulders", "Arms"):
        assertContains(answer, f"<span>{label}</span></a>", count=1)
    assertNotContains(answer, "<span>Neck<")
    assertContains(answer, "<circle ", count=8)  # seven rings and the tip of the ruler's fibres


def test_service_whose_conditions_name_no_place_has_no_map(client, service):
    service.conditions.update(regions=[])
    answer = client.get(service.get_absolute_url())
    assertContains(answer, "Plantar Fasciitis")
    assertNotContains(answer, 'class="plate"')


def test_region_is_marked_once_for_all_conditions_that_name_it():
    first, second = SimpleNamespace(regions=["heel", "knee"]), SimpleNamespace(regions=["heel", "gone"])
    assert [(spot.key, spot.conditions) for spot in spots([first, second])] == [
        ("knee", [(1, first)]),
        ("heel", [(1, first), (2, second)]),
    ]


def test_region_leads_to_each_condition_that_names_it(client, service):
    Condition.objects.create(service=service, name="Sprain", anchor="sprain", text="It helps.", regions=["heel"])
    spot = client.get(service.get_absolute_url()).content.decode().split(" spot--heel ")[1].split("</details>")[0]
    assert spot.startswith('spot--of-1 spot--of-5"><details name="spots"><summary><span>Heel</span></summary>')
    assert re.findall(r'<a href="#([\w-]+)">([^<]+)</a>', spot) == [
        ("plantar-fasciitis", "Plantar Fasciitis"),
        ("sprain", "Sprain"),
    ]


def test_regions_of_the_fiftieth_condition_can_be_marked():
    sheet = (SHEET.parents[1] / "later.css").read_text()
    assert all(f".condition:nth-child({n}):target) .spot--of-{n}" in sheet for n in range(1, 51))


def test_map_marks_each_region_where_it_is():
    keys = ("knee", "heel")
    drawn = marks(keys)
    assert re.findall(r'<circle cx="(\d+)" cy="(\d+)" r="8"/>', drawn) == [
        (str(REGIONS[key].x), str(REGIONS[key].y)) for key in keys
    ]
    assert f'<path d="{REGIONS["knee"].leader}{REGIONS["heel"].leader}"/>' in drawn


def test_style_sheet_places_each_label_where_its_leader_ends():
    found = dict(re.findall(r"\.spot--(\w{2,}) \{\s*--y: (\d+);", SHEET.read_text()))
    assert found == {key: str(region.label_y) for key, region in REGIONS.items()}


def test_labels_of_a_side_leave_room_for_each_other():
    for view in ("front", "rear"):
        heights = sorted(region.label_y for region in REGIONS.values() if region.view == view)
        assert all(below - above >= 80 for above, below in itertools.pairwise(heights))


def test_spots_and_leaders_stay_on_the_drawing():
    for region in REGIONS.values():
        assert RADIUS <= region.x <= WIDTH - RADIUS
        assert RADIUS <= region.y <= HEIGHT - RADIUS
        assert re.fullmatch(r"M[\d.]+ [\d.]+L\d+ \d+H(0|620)", region.leader)


def test_each_region_is_drawn():
    for theme in ("light", "dark"):
        drawn = re.findall(r'<g id="(\w+)"', (ART / f"figure-{theme}.svg").read_text())
        assert drawn == ["body", *REGIONS]
