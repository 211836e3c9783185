"""What staff type as plain text works where patients read it."""

import pytest
from django.utils.html import strip_tags
from pytest_django.asserts import assertContains

from pages.models import Page
from services.links import MOST_NUMBERS, linked, linked_html, links_of_short
from services.models import FAQ, Service
from services.text import point_items
from tests.admin.extremes import PIECES
from tests.services.linear import is_linear

MAPS = "https://www.google.com/maps/dir/?api=1&amp;destination="


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Call (973) 241-1338.", 'Call <a class="tel" href="tel:+19732411338">(973) 241-1338</a>.'),
        ("973.241.1338, thanks", '<a class="tel" href="tel:+19732411338">973.241.1338</a>, thanks'),
        ("973 241 1338 ext. 5!", '<a class="tel" href="tel:+19732411338;ext=5">973 241 1338 ext. 5</a>!'),
        ("+1 973-241-1338", '<a class="tel" href="tel:+19732411338">+1 973-241-1338</a>'),
        (
            "To front.desk@example.com.",
            'To <a href="mailto:front.desk@example.com">front.desk@<wbr>example.<wbr>com</a>.',
        ),
        ("www.example.com?", '<a href="https://www.example.com">www.<wbr>example.<wbr>com</a>?'),
        ("(see example.org/a)", '(see <a href="https://example.org/a">example.<wbr>org/<wbr>a</a>)'),
        ("https://a.org/x_(y),", '<a href="https://a.org/x_(y)">https://<wbr>a.<wbr>org/<wbr>x_(y)</a>,'),
        ("http://a.org/?a=1&b=2", '<a href="http://a.org/?a=1&amp;b=2">http://<wbr>a.<wbr>org/?a=1&amp;b=2</a>'),
        (
            "We are at 1059 Bloomfield Ave, Clifton, NJ 07012.",
            f'We are at <a href="{MAPS}1059+Bloomfield+Ave%2C+Clifton%2C+NJ+07012">'
            "1059 Bloomfield Ave, Clifton, NJ\N{NO-BREAK SPACE}07012</a>.",
        ),
        (
            "12 Main St., Suite 3, West Orange, NJ",
            f'<a href="{MAPS}12+Main+St.%2C+Suite+3%2C+West+Orange%2C+NJ">12 Main St., Suite 3, West Orange, NJ</a>',
        ),
        ("o'brien@example.com", '<a href="mailto:o&#x27;brien@example.com">o&#x27;brien@<wbr>example.<wbr>com</a>'),
        ("'me@example.com'", '&#x27;<a href="mailto:me@example.com">me@<wbr>example.<wbr>com</a>&#x27;'),
        ("www.example.com—here", '<a href="https://www.example.com">www.<wbr>example.<wbr>com</a>—here'),
        ("[www.example.com]", '[<a href="https://www.example.com">www.<wbr>example.<wbr>com</a>]'),
        ("clinic.us/form", '<a href="https://clinic.us/form">clinic.<wbr>us/<wbr>form</a>'),
        ("call 9732411338", 'call <a class="tel" href="tel:+19732411338">9732411338</a>'),
        ("Dial 711", 'Dial <a class="tel" href="tel:711">711</a>'),
        ("1-800-CLINIC1", '<a class="tel" href="tel:+18002546421">1-800-CLINIC1</a>'),
        ("<b>&amp;</b>", "&lt;b&gt;&amp;amp;&lt;/b&gt;"),
        ('"><script>@a.com', "&quot;&gt;&lt;script&gt;@a.com"),
    ],
)
def test_what_can_be_used_is_a_link(text, html):
    assert linked(text) == html


@pytest.mark.parametrize(
    "address",
    [
        "12 Main St, 2nd Floor, Clifton, NJ",
        "1059-A Bloomfield Ave, Apt 3, Clifton, New Jersey 07012-1234",
        "123 Route 46 West, Clifton, NJ 07013",
        "7 E. Main Street, West Orange, N.J. 07052",
    ],
)
def test_address_is_linked_whole(address):
    assert linked(address).count("<a ") == 1
    assert linked(address).endswith(f">{address}</a>".replace("NJ 0", "NJ\N{NO-BREAK SPACE}0"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Open 8:00 to 17:30 on 12/25/2026, 30 to 45 minutes.",
        "J Athl Train 2019;54(7):808-821, doi 10.4085/1062-6050-481-17",
        "A 2019 study of 1,234,567 people, e.g. here.",
        "at@home or @example",
        "2 Avengers, three Streets",
        "123-45-6789",
        "CPT 97140 97110",
        "doi 10.1016/j.jbmt.2018.01.0123",
        "Case 2015551234 or #2015551234",
        "Fax: (973) 241-1339",
        "https://. and www.. and/or e.g./x",
        "We saw 20 people on Main Street, Clifton NJ",
        "30 minutes on the Way, Then AM",
    ],
)
def test_other_text_stays_as_it_is(text):
    assert linked(text) == text


@pytest.mark.parametrize("text", ["Dr. Smith", "Mrs. Lee", "at 8 a.m. sharp", "2 PM", "NJ 07012", "Nov 27", "May 1"])
def test_times_titles_and_zip_codes_stay_on_one_line(text):
    assert "\N{NO-BREAK SPACE}" in linked(text)
    assert linked(text).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize("part", ["a", "a.", "1 ", "a@", "www.", "1 A ", "(973) ", ". ", "0", "St, "])
def test_no_text_takes_long(part):
    assert is_linear(linked, part)


def test_long_texts_are_not_remembered():
    links_of_short.cache_clear()
    linked("Call (973) 241-1338. " * 500)
    linked("Call (973) 241-1338.")
    assert links_of_short.cache_info().currsize == 1


def test_text_of_html_is_linked_and_its_links_stay():
    html = '<p>Call (973) 241-1338 or <a href="/contact/">see www.example.com</a> &amp; write.</p>'
    assert linked_html(html) == (
        '<p>Call <a class="tel" href="tel:+19732411338">(973) 241-1338</a> or '
        '<a href="/contact/">see www.example.com</a> &amp; write.</p>'
    )


def test_each_kind_of_text_is_linked(client, clinic, service, time_machine):
    typed = "Call (973) 555-0199 please."
    clinic.notice, clinic.notice_until = typed, "2099-01-01T00:00Z"
    clinic.save()
    texts = ("lead", "what_it_is", "precautions", "how_intro", "how_example", "session_intro", "steps_intro")
    Service.objects.filter(pk=service.pk).update(**dict.fromkeys(texts, typed), how_points=typed)
    service.benefits.update(text=typed)
    service.conditions.update(text=typed)
    service.claims.update(text=typed)
    service.steps.update(intro=typed, points=typed, closing=typed)
    service.comparisons.update(other_text=typed, own_text=typed)
    FAQ.objects.update(answer=typed)
    page = client.get(service.get_absolute_url()).content.decode()
    assert page.count(typed) == 0
    assert page.count('<a class="tel" href="tel:+19735550199">(973) 555-0199</a> please.') > 30
    Page.objects.create(title="Parking", slug="parking", body=f"<p>{typed}</p>", publish_at="2020-01-01T00:00Z")
    for address in ("/parking/", "/faq/", "/"):
        assertContains(client.get(address), '<a class="tel" href="tel:+19735550199">')


def test_number_in_the_call_to_schedule_is_followed_by_what_was_typed(client, service):
    service.schedule_text = "Call {phone}."
    service.save()
    for address in ("/", service.get_absolute_url()):
        assertContains(client.get(address), '<p>Call <a class="tel" href="tel:+19739229659">(973) 922-9659</a>.</p>')


@pytest.mark.parametrize("piece", PIECES)
def test_work_on_any_extreme_grows_as_it_does(piece):
    assert is_linear(point_items, PIECES[piece])


def test_of_a_text_of_nothing_but_numbers_the_first_become_links():
    typed = "973-555-0123 " * 3 * MOST_NUMBERS
    html = linked(typed)
    assert html.count("tel:") == MOST_NUMBERS
    assert strip_tags(html) == typed
