"""The buttons that move a row of a list: services, testimonials, pages, general questions."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from publishing.models import Revision
from publishing.revisions.release import release_due
from publishing.staff.ordering import move
from services.models import FAQ, Service
from testimonials.models import Testimonial
from tests.admin.forms import filled
from tests.admin.rows import MAKERS, address


def general(n):
    return FAQ.objects.create(question=f"General {n}?", answer="Yes.")


ORDERED = {
    "services_service": MAKERS["services_service"],
    "testimonials_testimonial": MAKERS["testimonials_testimonial"],
    "pages_page": MAKERS["pages_page"],
    "services_faq": general,
}
NEW: dict[str, dict[str, str]] = {
    "services_service": {"title": "New", "slug": "new"},
    "testimonials_testimonial": {"quote": "It helped.", "name": "New"},
    "pages_page": {"title": "New", "slug": "new", "body": "<p>x</p>"},
    "services_faq": {"question": "New?", "answer": "Yes."},
}
each_list = pytest.mark.parametrize("model", ORDERED)


@pytest.fixture
def three(db, model):
    return [ORDERED[model](n) for n in (1, 2, 3)]


def press(client, model, row, way, target=None):
    """Press a row's button in the list; `target` is the row that the list shows next to it."""
    value = f"{way}:{target.pk if target else ''}"
    return client.post(address(model, "move", row.pk), {"move": value})


def order(rows):
    """The rows as they stand now, each by its place in `rows`."""
    now = type(rows[0])._base_manager.filter(pk__in=[row.pk for row in rows]).order_by("position", "id")
    return [rows.index(row) for row in now]


@each_list
def test_row_moves_beyond_its_neighbor_and_its_button_gets_the_focus(manager_client, three, model):
    response = press(manager_client, model, three[2], "up", three[1])
    assertRedirects(response, f"{address(model, 'changelist')}#up-{three[2].pk}", fetch_redirect_response=False)
    assert order(three) == [0, 2, 1]
    assertContains(manager_client.get(address(model, "changelist")), "is now at place 2 of 3.")
    press(manager_client, model, three[0], "down", three[2])
    assert order(three) == [2, 0, 1]


def test_row_whose_whole_was_just_deleted_is_not_found(db):
    question = FAQ.objects.get(pk=MAKERS["services_faq"](1).pk)
    Service.objects.all().delete()
    with pytest.raises(Http404), transaction.atomic():
        move(question, "up")


def test_many_are_deleted_in_the_order_in_which_a_move_locks_them(manager_client):
    keys = [UUID(int=n) for n in (3, 1, 2)]
    for key in keys:
        Service.objects.create(pk=key, title="S", slug=f"service-{key.int}")
    data = {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
    manager_client.post(address("services_service", "changelist"), data)
    assert not Service.objects.exists()
    assert list(Revision.objects.order_by("pk").values_list("object_id", flat=True)) == sorted(keys)


def test_many_questions_are_deleted_in_the_order_of_their_services(manager_client):
    one, two = UUID(int=1), UUID(int=2)
    for key, other in ((one, two), (two, one)):
        service, _ = Service.objects.get_or_create(pk=other, title="S", slug=f"service-{other.int}")
        FAQ.objects.create(pk=key, service=service, question="Q?", answer="A")
    data = {"action": "delete_selected", "_selected_action": [one, two], "post": "yes"}
    manager_client.post(address("services_faq", "changelist"), data)
    recorded = Revision.objects.filter(data__model="services.faq").order_by("pk")
    assert list(recorded.values_list("object_id", flat=True)) == [two, one]


def test_move_asks_for_the_whole_before_its_rows(db):
    """Locked in another order than by a form, both would wait for each other."""
    question = MAKERS["services_faq"](1)
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        move(question, "up")
    first = next(query["sql"] for query in asked if "SELECT" in query["sql"])
    assert 'FROM "services_service"' in first
    assert question.service_id.hex in first.replace("-", "")


@each_list
def test_list_shows_buttons_and_no_number(manager_client, three, model):
    response = manager_client.get(address(model, "changelist"))
    assert "position" not in response.context["cl"].list_display
    for way, target in (("up", three[0]), ("down", three[2])):
        assertContains(response, f'name="move" value="{way}:{target.pk}" aria-label="Move “{three[1]}” {way}"')
    assertContains(response, 'aria-disabled="true"', count=4)
    assertNotContains(manager_client.get(address(model, "change", three[0].pk)), "id_position")


@each_list
def test_move_is_in_the_history_and_is_no_change_of_the_text(manager_client, three, model):
    before = type(three[1]).objects.values_list("updated_at", flat=True)
    times = set(before)
    press(manager_client, model, three[1], "up", three[0])
    assert LogEntry.objects.get().get_change_message() == "Moved up in the order."
    assert set(before.all()) == times


@each_list
def test_first_row_cannot_move_up_nor_the_last_one_down(manager_client, three, model):
    assert press(manager_client, model, three[0], "up").status_code == 302
    assert press(manager_client, model, three[2], "down").status_code == 302
    assert order(three) == [0, 1, 2]


@each_list
def test_without_the_right_to_change_there_is_no_button_and_no_move(staff_client, staff_member, three, model):
    assert press(staff_client, model, three[2], "up").status_code == 403
    staff_member.user_permissions.add(*Permission.objects.filter(codename=f"view_{model.split('_')[1]}"))
    assertNotContains(staff_client.get(address(model, "changelist")), 'name="move"')
    assert press(staff_client, model, three[2], "up").status_code == 403
    assert order(three) == [0, 1, 2]


@each_list
def test_anonymous_visitor_cannot_move(client, three, model):
    url = address(model, "move", three[2].pk)
    assertRedirects(press(client, model, three[2], "up"), f"/admin/login/?next={url}")
    assert order(three) == [0, 1, 2]


@each_list
def test_move_must_be_posted(manager_client, three, model):
    assert manager_client.get(address(model, "move", three[2].pk), {"move": "up:"}).status_code == 405
    assert order(three) == [0, 1, 2]


@each_list
def test_move_needs_the_token_of_the_form(manager, three, model):
    client = Client(enforce_csrf_checks=True)
    client.force_login(manager)
    assert press(client, model, three[2], "up").status_code == 403
    assert order(three) == [0, 1, 2]


@each_list
def test_unknown_row_is_not_found(manager_client, three, model):
    gone = MAKERS["pages_page"](9).pk
    for key in (gone, "nonsense", "0"):
        if model != "pages_page" or key != gone:
            assert manager_client.post(address(model, "move", key), {"move": "up:"}).status_code == 404


@each_list
@pytest.mark.parametrize("value", ["", "left:", "UP:", "\x00"])
def test_unknown_direction_is_refused(manager_client, three, model, value):
    assert manager_client.post(address(model, "move", three[2].pk), {"move": value}).status_code == 400
    assert order(three) == [0, 1, 2]


@each_list
def test_button_of_an_outdated_list_moves_a_row_at_most_beyond_its_target(manager_client, three, model):
    press(manager_client, model, three[2], "up", three[0])
    assert order(three) == [2, 0, 1]
    press(manager_client, model, three[2], "up", three[0])
    assert order(three) == [2, 0, 1], "it was beyond that row already"
    gone = three.pop(1)
    gone.delete()
    assert press(manager_client, model, gone, "up", three[0]).status_code == 404
    press(manager_client, model, three[0], "up", gone)
    assert order(three) == [0, 1]


@each_list
def test_equal_positions_are_numbered_anew(manager_client, three, model):
    type(three[0]).objects.update(position=7)
    before = order(three)
    press(manager_client, model, three[before[2]], "up", three[before[1]])
    assert order(three) == [before[0], before[2], before[1]]
    assert sorted(type(three[0]).objects.values_list("position", flat=True)) == [1, 2, 3]


@each_list
def test_row_goes_to_the_top_and_to_the_end_in_one_click(manager_client, three, model):
    response = press(manager_client, model, three[2], "top")
    assertRedirects(response, f"{address(model, 'changelist')}#top-{three[2].pk}", fetch_redirect_response=False)
    assert order(three) == [2, 0, 1]
    assertContains(manager_client.get(address(model, "changelist")), "is now at place 1 of 3.")
    press(manager_client, model, three[2], "end")
    assert order(three) == [0, 1, 2]
    words = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert words == ["Moved to the top in the order.", "Moved to the end in the order."]


@each_list
def test_row_that_is_at_the_top_stays_there(manager_client, three, model):
    for _ in range(2):
        press(manager_client, model, three[2], "top")
        assert order(three) == [2, 0, 1]


def test_many_go_to_the_top_one_after_the_other(three_services):
    for first, *others in ((2, 0, 1), (1, 2, 0), (0, 1, 2), (2, 0, 1)) * 3:
        assert move(three_services[first], "top") == (1, 3)
        assert order(three_services) == [first, *others]


def test_row_that_goes_to_the_top_changes_alone(three_services):
    first, second, third = three_services
    move(third, "top")
    assert list(Service.objects.values_list("slug", "position")) == [
        (third.slug, 0),
        (first.slug, 1),
        (second.slug, 2),
    ]
    assert Revision.objects.get().object_id == third.pk


def test_first_position_that_is_used_makes_room_for_another(three_services):
    first, second, third = three_services
    move(third, "top")
    move(second, "top")
    assert order(three_services) == [1, 2, 0]
    assert list(Service.objects.values_list("position", flat=True)) == [1000, 2000, 3000]
    move(first, "top")
    assert list(Service.objects.values_list("position", flat=True)) == [999, 1000, 2000]


def test_dragged_row_takes_a_free_position_between_its_neighbors(three_services):
    first, _, third = three_services
    fourth = MAKERS["services_service"](4)
    Service.objects.filter(pk__in=[third.pk]).update(position=90)
    Service.objects.filter(pk__in=[fourth.pk]).update(position=100)
    assert move(first, "down", str(third.pk)) == (3, 4)
    assert Service.objects.get(pk=first.pk).position == 95


def test_last_position_of_all_does_not_keep_a_row_from_the_end(three_services):
    Service.objects.filter(pk=three_services[2].pk).update(position=2_147_483_647)
    move(three_services[0], "end")
    assert order(three_services) == [1, 2, 0]


@pytest.mark.parametrize("free", [1, 0], ids=["where there is room", "where the first position is used"])
@each_list
def test_new_row_is_put_at_the_top_when_it_is_made(manager_client, three, model, free):
    type(three[0]).objects.filter(pk=three[0].pk).update(position=free)
    data = filled(manager_client, address(model, "add"), at_top="on", **NEW[model])
    assert manager_client.post(address(model, "add"), data).status_code == 302
    new = type(three[0]).objects.exclude(pk__in=[row.pk for row in three]).get()
    assert order([*three, new]) == [3, 0, 1, 2]


@each_list
def test_new_row_comes_last_otherwise(manager_client, three, model):
    data = filled(manager_client, address(model, "add"), **NEW[model])
    assert manager_client.post(address(model, "add"), data).status_code == 302
    new = type(three[0]).objects.exclude(pk__in=[row.pk for row in three]).get()
    assert order([*three, new]) == [0, 1, 2, 3]


@pytest.fixture
def first_at_zero(db):
    """Two testimonials, above which there is no room."""
    rows = [MAKERS["testimonials_testimonial"](n) for n in (1, 2)]
    type(rows[0]).objects.filter(pk=rows[0].pk).update(position=0)
    return rows


def places():
    return dict(Testimonial.objects.values_list("name", "position"))


def order_of_names():
    return list(Testimonial.objects.values_list("name", flat=True))


def kept_at_top(client, **typed):
    url = address("testimonials_testimonial", "add")
    data = NEW["testimonials_testimonial"] | {"at_top": "on", "_keep": "1"} | typed
    answer = client.post(url, filled(client, url, **data))
    assert answer.status_code == 302
    return answer.url


@pytest.mark.parametrize("button", ["_preview", "_keep"])
def test_preview_and_draft_of_a_new_row_at_the_top_move_no_other(manager_client, first_at_zero, button):
    before, versions = places(), Revision.objects.exclude(applied_at=None).count()
    url = address("testimonials_testimonial", "add")
    data = filled(manager_client, url, at_top="on", **{button: "1"}, **NEW["testimonials_testimonial"])
    assert manager_client.post(url, data).status_code in (200, 302)
    assert places() == before
    assert Revision.objects.exclude(applied_at=None).count() == versions


def test_draft_of_a_new_row_remembers_that_it_goes_to_the_top(manager_client, first_at_zero):
    opened = kept_at_top(manager_client)
    assert "at_top" in filled(manager_client, opened)
    again = manager_client.post(opened, filled(manager_client, opened, _keep="1")).url
    move(first_at_zero[1], "top")
    assert manager_client.post(again, filled(manager_client, again)).status_code == 302
    assert order_of_names() == ["New", "Name 2", "Name 1"]


def test_wish_of_a_draft_can_be_taken_back_and_made_later(manager_client, first_at_zero):
    opened = kept_at_top(manager_client)
    data = filled(manager_client, opened, _keep="1")
    del data["at_top"]
    opened = manager_client.post(opened, data).url
    data = filled(manager_client, opened)
    assert "at_top" not in data
    again = manager_client.post(opened, data | {"at_top": "on", "_keep": "1"}).url
    data = filled(manager_client, again)
    del data["at_top"]
    manager_client.post(again, data)
    assert order_of_names() == ["Name 1", "Name 2", "New"]


def test_dated_draft_of_a_new_row_goes_to_the_top_when_it_goes_live(manager_client, first_at_zero):
    opened = kept_at_top(manager_client, apply_at="2099-01-01T00:00", quote="It helped a lot.")
    Revision.objects.filter(pk=opened.partition("revision=")[2]).update(apply_at=timezone.now())
    assert places() == {"Name 1": 0, "Name 2": places()["Name 2"]}
    assert release_due() == 1
    assert order_of_names() == ["New", "Name 1", "Name 2"]
    assert len(set(places().values())) == 3


def test_row_that_has_a_place_is_not_asked_where_it_goes(manager_client, first_at_zero):
    url = address("testimonials_testimonial", "change", first_at_zero[0].pk)
    assertNotContains(manager_client.get(url), "at_top")
    opened = manager_client.post(url, filled(manager_client, url, quote="Other", at_top="on", _keep="1")).url
    assertNotContains(manager_client.get(opened), "at_top")
    manager_client.post(opened, filled(manager_client, opened))
    assert places()["Name 1"] == 0


def test_who_may_not_order_puts_nothing_at_the_top(client, django_user_model, db):
    rows = [MAKERS["testimonials_testimonial"](n) for n in (1, 2)]
    user = django_user_model.objects.create_user("contributor", is_staff=True)
    user.user_permissions.add(
        *Permission.objects.filter(codename__endswith="_testimonial").exclude(codename__startswith="publish")
    )
    client.force_login(user)
    url = address("testimonials_testimonial", "add")
    assertNotContains(client.get(url), "at_top")
    assert client.post(url, filled(client, url, at_top="on", **NEW["testimonials_testimonial"])).status_code == 302
    new = type(rows[0]).objects.exclude(pk__in=[row.pk for row in rows]).get()
    assert order([*rows, new]) == [0, 1, 2]


def test_move_saves_only_rows_whose_position_changed(three_services, django_assert_num_queries):
    first, second, third = three_services
    Service.objects.filter(pk=third.pk).update(position=90)
    assert move(second, "down") == (3, 3)
    assert list(Service.objects.values_list("slug", "position")) == [
        (first.slug, 1),
        (third.slug, 2),
        (second.slug, 90),
    ]


@pytest.fixture
def three_services(db):
    return [MAKERS["services_service"](n) for n in (1, 2, 3)]


def test_row_of_a_filtered_list_moves_beyond_the_next_shown_row(manager_client, three_services):
    first, second, third = three_services
    second.publish_at = None
    second.save()
    url = f"{address('services_service', 'changelist')}?state=public"
    response = manager_client.get(url)
    assertContains(response, f'value="up:{first.pk}"')
    action = f"{address('services_service', 'move', third.pk)}?_changelist_filters=state%3Dpublic"
    assertContains(response, f'formaction="{action}"')
    answer = manager_client.post(action, {"move": f"up:{first.pk}"})
    assertRedirects(answer, f"{url}#up-{third.pk}", fetch_redirect_response=False)
    assert order(three_services) == [2, 0, 1]


def test_list_in_another_order_has_no_buttons(manager_client, three_services):
    assertNotContains(manager_client.get(address("services_service", "changelist"), {"o": "1"}), 'name="move"')


def test_row_at_the_edge_of_a_page_moves_to_the_other(manager_client, db):
    rows = [MAKERS["pages_page"](n) for n in range(1, 103)]
    last = manager_client.get(address("pages_page", "changelist"))
    assertContains(last, f'id="down-{rows[99].pk}" type="submit"')
    first = manager_client.get(address("pages_page", "changelist"), {"p": "2"})
    assertContains(first, f'id="up-{rows[100].pk}" type="submit"')
    press(manager_client, "pages_page", rows[100], "up")
    assert order(rows)[99:101] == [100, 99]


def test_question_moves_only_among_those_of_its_service(manager_client, db):
    general(1)
    of_service = MAKERS["services_faq"](1)
    late = FAQ.objects.create(service=of_service.service, question="Late?", answer="Yes.")
    response = manager_client.get(address("services_faq", "changelist"))
    assertContains(response, 'aria-disabled="true"', count=8)
    press(manager_client, "services_faq", late, "up", of_service)
    assert list(of_service.service.questions.all()) == [late, of_service]
    assert FAQ.objects.get(service=None).position == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_moves_leave_each_row_its_own_position(manager):
    rows = [MAKERS["pages_page"](n) for n in range(1, 7)]
    clients = [Client() for _ in rows]
    for client in clients:
        client.force_login(manager)

    def work(n):
        try:
            answers = [press(clients[n], "pages_page", rows[n], way) for way in ("up", "down", "down", "up")]
            return {answer.status_code for answer in answers}
        finally:
            connection.close()

    with ThreadPoolExecutor(len(rows)) as pool:
        assert set().union(*pool.map(work, range(len(rows)))) == {302}
    positions = type(rows[0]).objects.values_list("position", flat=True)
    assert sorted(positions) == [1, 2, 3, 4, 5, 6]


def test_order_of_the_list_is_that_of_the_public_pages(manager_client, three_services, client):
    press(manager_client, "services_service", three_services[2], "up", three_services[0])
    text = client.get(reverse("services")).content.decode()
    assert text.index("Service 3") < text.index("Service 1") < text.index("Service 2")
