"""Wrong passwords: how many are compared, who waits, and what is told."""

import logging
import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.backends import ModelBackend
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.guesses import ATTACKED, DEVICE, FROM, PAIR, PAIR_UNDER_ATTACK, STRANGERS, take_guess
from accounts.models import Tries
from accounts.tries import key_of
from tests.accounts.conftest import PASSWORD
from tests.accounts.sign_in import LOGIN, addresses, is_in, sign_in


@pytest.fixture
def compared(monkeypatch):
    """The guesses that were compared with a password."""
    found, authenticate = [], ModelBackend.authenticate

    def noted(self, request, username=None, password=None, **kwargs):
        found.append(username)
        return authenticate(self, request, username, password, **kwargs)

    monkeypatch.setattr(ModelBackend, "authenticate", noted)
    return found


def set_guesses(name, number):
    """So many guesses of strangers were made at this account just now."""
    Tries.objects.update_or_create(key=key_of("account", name), defaults={"number": number})


def text_of(answer):
    return re.sub(r'(?:csrfmiddlewaretoken" value|name="username" value)="[^"]*"', "", answer.content.decode())


def test_pair_of_account_and_address_is_locked_and_cools_off(dana, compared, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    for _ in range(PAIR + 3):
        assert not is_in(sign_in("dana", "wrong"))
    assert len(compared) == PAIR
    assert not is_in(sign_in("dana"))
    assert len(compared) == PAIR, "the right password of who is locked out is not compared"
    time_machine.move_to(now + timedelta(minutes=16), tick=False)
    assert is_in(sign_in("dana"))


def test_address_that_is_locked_for_one_account_signs_in_to_another(dana, person):
    person("eve")
    for _ in range(PAIR):
        sign_in("dana", "wrong")
    assert is_in(sign_in("eve"))
    assert is_in(sign_in("dana", at="192.0.2.2"))


def test_good_sign_in_forgets_the_wrong_ones_of_its_address(dana):
    for _ in range(3):
        for _ in range(PAIR - 1):
            sign_in("dana", "wrong")
        assert is_in(sign_in("dana"))


def test_owner_signs_in_from_another_address_after_500_wrong_ones_from_many(dana, compared):
    for at in addresses(500):
        sign_in("dana", "wrong", at=at)
    assert len(compared) == 500
    assert is_in(sign_in("dana", at="203.0.113.7"))


def test_attacked_account_leaves_a_new_address_few_guesses(dana, compared):
    set_guesses("dana", ATTACKED)
    for _ in range(PAIR):
        sign_in("dana", "wrong")
    assert len(compared) == PAIR_UNDER_ATTACK


def test_no_stranger_is_compared_beyond_the_number_and_the_owners_browser_is(dana, compared):
    owner = Client()
    sign_in("dana", client=owner)
    owner.post("/admin/logout/")
    set_guesses("dana", STRANGERS)
    compared.clear()
    assert not is_in(sign_in("dana", at="203.0.113.7"))
    assert compared == []
    assert is_in(sign_in("dana", client=owner, at="203.0.113.7"))


def test_guesses_of_an_hour_are_forgotten_after_it(dana, time_machine):
    set_guesses("dana", STRANGERS)
    assert not is_in(sign_in("dana"))
    time_machine.move_to(timezone.now() + timedelta(minutes=61))
    assert is_in(sign_in("dana"))


def test_browser_of_an_owner_has_a_bound_of_its_own(dana, compared):
    owner = Client()
    sign_in("dana", client=owner)
    compared.clear()
    for at in addresses(DEVICE + 5):
        sign_in("dana", "wrong", client=owner, at=at)
    assert len(compared) == DEVICE


def test_cookie_of_one_account_or_a_forged_one_opens_no_other(dana, person, compared):
    person("eve")
    eve = Client()
    sign_in("eve", client=eve)
    set_guesses("dana", STRANGERS)
    compared.clear()
    sign_in("dana", client=eve)
    for forged in ("", "x", "e30:1t0000:AAAA", eve.cookies["device"].value[:-1]):
        eve.cookies["device"] = forged
        sign_in("dana", client=eve)
    assert compared == []


def test_browser_of_two_people_is_known_for_both(dana, person):
    person("eve")
    shared = Client()
    for name in ("dana", "eve"):
        sign_in(name, client=shared)
        shared.post("/admin/logout/")
    for name in ("dana", "eve"):
        set_guesses(name, STRANGERS)
        assert is_in(sign_in(name, client=shared)), name
        shared.post("/admin/logout/")


def test_cookie_of_a_browser_goes_to_the_staffs_pages_alone(dana):
    cookie = sign_in("dana").cookies["device"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/admin/", True, "Lax")
    assert "dana" not in cookie.value
    assert "device" not in sign_in("dana", "wrong").cookies


def test_nothing_tells_which_accounts_exist(dana, compared):
    first = sign_in("dana", "wrong"), sign_in("nobody", "wrong")
    assert compared == ["dana", "nobody"]
    for _ in range(PAIR):
        last = sign_in("dana", "wrong"), sign_in("nobody", "wrong")
    assert compared.count("dana") == compared.count("nobody") == PAIR
    assert {answer.status_code for answer in (*first, *last)} == {200}
    assert len({text_of(answer) for answer in (*first, *last)}) == 1


def test_who_is_no_staff_or_inactive_is_told_the_same(dana, django_user_model):
    django_user_model.objects.create_user("patient", password=PASSWORD)
    django_user_model.objects.create_user("gone", password=PASSWORD, is_staff=True, is_active=False)
    answers = [sign_in("dana", "wrong"), sign_in("patient"), sign_in("gone")]
    assert len({text_of(answer) for answer in answers}) == 1
    assert AccessAttempt.objects.count() == 3, "each counts"


def test_wrong_sign_in_is_one_line_of_the_log_without_a_name_or_an_address(dana, caplog):
    caplog.set_level(logging.WARNING)
    for _ in range(PAIR + 1):
        sign_in("dana", "wrong", at="192.0.2.77")
    assert [record.getMessage() for record in caplog.records] == ["A sign-in failed."] * (PAIR + 1)


def test_what_is_kept_of_a_wrong_sign_in_holds_no_password_and_is_forgotten(dana, time_machine):
    Client().post(f"{LOGIN}?next=/admin/", {"username": "dana", "password": "nearly right", "code": "123456"})
    kept = AccessAttempt.objects.values().get()
    assert not [text for text in kept.values() if isinstance(text, str) and re.search("nearly|123456", text)]
    assert Tries.objects.count() == 2
    assert "dana" not in str(Tries.objects.values())
    call_command("tick", verbosity=0)
    assert AccessAttempt.objects.exists() and Tries.objects.exists()
    time_machine.move_to(timezone.now() + timedelta(minutes=61))
    call_command("tick", verbosity=0)
    assert not AccessAttempt.objects.exists() and not Tries.objects.exists()


@pytest.mark.parametrize("name", ["", "a" * 151, "x\x00y", " ", "\N{FULLWIDTH LATIN SMALL LETTER D}ana\u200b"])
def test_odd_name_is_refused_without_a_fault(db, name):
    assert sign_in(name, "wrong").status_code == 200


def test_name_that_is_written_in_another_way_counts_as_the_same(dana):
    for _ in range(PAIR):
        sign_in("\N{FULLWIDTH LATIN SMALL LETTER D}ana ", "wrong")
    assert not is_in(sign_in("dana"))


def test_guess_is_taken_once_also_where_the_hour_begins_anew(db, rf, time_machine):
    request = rf.post(LOGIN)
    set_guesses("dana", STRANGERS - 1)
    assert [take_guess(request, "dana") for _ in range(3)] == [True, False, False]
    time_machine.move_to(timezone.now() + timedelta(minutes=61))
    assert take_guess(request, "dana")
    assert Tries.objects.get(key=key_of("account", "dana")).number == 1


def test_open_session_does_not_tell_the_password_to_who_tries(dana, signed_in):
    client, new = signed_in(dana), {"new_password1": "four words and more", "new_password2": "four words and more"}
    for n in range(25):
        client.post("/admin/password_change/", {"old_password": f"wrong {n}"} | new)
    answer = client.post("/admin/password_change/", {"old_password": PASSWORD} | new, follow=True)
    assert "Wait an hour" in answer.content.decode()
    dana.refresh_from_db()
    assert dana.check_password(PASSWORD)


def test_one_address_has_few_guesses_on_all_names_together(dana, compared):
    owner = Client()
    sign_in("dana", client=owner, at="198.51.100.9")
    owner.post("/admin/logout/")
    compared.clear()
    for n in range(FROM + 4):
        sign_in(f"name{n}", "wrong", at="198.51.100.9")
    assert len(compared) == FROM - 1
    assert not is_in(sign_in("dana", at="198.51.100.9"))
    assert is_in(sign_in("dana", at="198.51.100.10"))
    assert is_in(sign_in("dana", client=owner, at="198.51.100.9")), "a browser that is known has its own number"
