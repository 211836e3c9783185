"""One-time codes: set up, asked for, used once, lost."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.codes import RECOVERY_CODES, new_recovery_codes
from accounts.models import Session
from tests.accounts.conftest import PASSWORD
from tests.accounts.sign_in import code_of, is_in, sign_in

PAGE = "/admin/sign-in-code/"


@pytest.fixture
def device(dana):
    return TOTPDevice.objects.create(user=dana, name="App")


@pytest.fixture
def client(dana, signed_in):
    return signed_in(dana)


def new_device(client):
    """The device that the page shows."""
    page = client.get(PAGE)
    return TOTPDevice(key=client.session["new_code_key"], user=User.objects.get(username="dana")), page


def turn_on(client, code, password=PASSWORD):
    return client.post(PAGE, {"code": code, "password": password})


def prove(client, button, proof):
    return client.post(PAGE, {"proof": proof, button: "1"})


def test_codes_are_set_up_with_a_picture_or_a_key_and_the_next_login_asks_for_one(client, dana):
    device, page = new_device(client)
    assertContains(page, '<svg class="sign-in__picture"')
    assertContains(page, device.config_url.replace("&", "&amp;"))
    assert not TOTPDevice.objects.exists(), "looking at the page stores nothing"
    shown = turn_on(client, code_of(device))
    codes = re.findall(r"<code>(\w+)</code>", shown.content.decode())
    assert len(codes) == RECOVERY_CODES
    assert not is_in(sign_in("dana"))
    stored = TOTPDevice.objects.get(user=dana)
    assert is_in(sign_in("dana", code=code_of(stored, ahead=1)))
    assertContains(client.get(PAGE), f"<strong>{RECOVERY_CODES}</strong> recovery codes")
    assertNotContains(client.get(PAGE), codes[0])


def test_key_of_the_picture_is_the_key_of_the_text(client):
    device, page = new_device(client)
    secret = re.search(r"sign-in__secret\">([A-Z2-7 ]+)<", page.content.decode())[1].replace(" ", "")
    assert f"secret={secret}&" in device.config_url


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "000000", "１２３４５６", "1" * 400, "-1", "null"])
def test_wrong_code_sets_nothing_up_and_is_told_beside_its_field(client, code):
    device, _ = new_device(client)
    assert code != code_of(device)
    answer = turn_on(client, code)
    assert answer.context["form"].errors["code"]
    assert not TOTPDevice.objects.exists()
    assert turn_on(client, code_of(device)).context["codes"], "a wrong one costs nothing"


def test_codes_that_are_on_are_not_set_up_a_second_time(client, dana):
    device, _ = new_device(client)
    session = client.session
    turn_on(client, code_of(device))
    session.save()  # another tab, in which the key is still there
    turn_on(client, code_of(device, ahead=1))
    assert TOTPDevice.objects.filter(user=dana).count() == 1


def test_setting_codes_up_ends_the_other_sessions(client, dana, signed_in):
    other = signed_in(dana)
    device, _ = new_device(client)
    turn_on(client, code_of(device))
    assert other.get(PAGE).status_code == 302
    assert client.get(PAGE).status_code == 200


def test_code_is_good_once(device):
    code = code_of(device)
    assert is_in(sign_in("dana", code=f"{code[:3]} {code[3:]}"))
    assert not is_in(sign_in("dana", code=code))


def test_code_of_the_setting_up_does_not_sign_in(client, dana):
    device, _ = new_device(client)
    code = code_of(device)
    turn_on(client, code)
    assert not is_in(sign_in("dana", code=code))


@pytest.mark.parametrize("code", ["", "000000", "x" * 16, "x" * 40, "１２３４５６", "'; --"])
def test_right_password_with_a_wrong_code_is_told_as_a_wrong_password(device, code):
    new_recovery_codes(device.user)
    answers = [sign_in("dana", PASSWORD, code), sign_in("dana", "wrong", code)]
    assert not any(map(is_in, answers))
    texts = {re.sub(r'csrfmiddlewaretoken" value="\w+|name="code" value="[^"]*"', "", str(a.content)) for a in answers}
    assert len(texts) == 1


def test_wrong_codes_lock_the_pair_as_wrong_passwords_do(device, time_machine):
    for _ in range(5):
        sign_in("dana", code="000000")
    time_machine.move_to(timezone.now() + timedelta(minutes=5))
    assert not is_in(sign_in("dana", code=code_of(device)))


def test_codes_slow_down_after_wrong_ones_from_any_address(device, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    for n in range(4):
        sign_in("dana", code="000000", at=f"192.0.2.{n + 10}")
    assert not is_in(sign_in("dana", code=code_of(device), at="192.0.2.50"))
    time_machine.move_to(now + timedelta(seconds=30), tick=False)
    assert is_in(sign_in("dana", code=code_of(device), at="192.0.2.51"))


def test_recovery_code_is_good_once_and_leaves_the_others(device):
    first, *_ = new_recovery_codes(device.user)
    assert is_in(sign_in("dana", code=first.upper()))
    assert not is_in(sign_in("dana", code=first, at="192.0.2.2"))
    assert StaticToken.objects.filter(device__user=device.user).count() == RECOVERY_CODES - 1


def test_code_of_another_person_does_not_sign_in(device, person):
    other = TOTPDevice.objects.create(user=person("eve"))
    codes = new_recovery_codes(other.user)
    for code in (code_of(other), codes[0]):
        assert not is_in(sign_in("dana", code=code))
    assert is_in(sign_in("eve", code=codes[0]))


@pytest.mark.parametrize("button", ["_turn_off", "_new_codes"])
def test_turning_off_and_new_codes_need_the_password_or_a_code(client, device, button):
    old = new_recovery_codes(device.user)
    for proof in ("", "wrong", "000000"):
        answer = prove(client, button, proof)
        assert answer.context["form"].errors["proof"]
    assert TOTPDevice.objects.exists()
    assert StaticToken.objects.filter(token__in=old).count() == RECOVERY_CODES
    answer = prove(client, button, PASSWORD)
    assert TOTPDevice.objects.exists() == (button == "_new_codes")
    assert not StaticToken.objects.filter(token__in=old).exists()


def test_recovery_code_turns_codes_off(client, device):
    code = new_recovery_codes(device.user)[0]
    assertRedirects(prove(client, "_turn_off", code), PAGE)
    assert is_in(sign_in("dana"))


def test_password_cannot_be_guessed_on_the_page_of_codes(client, device):
    for _ in range(5):
        prove(client, "_turn_off", "wrong")
    prove(client, "_turn_off", PASSWORD)
    assert TOTPDevice.objects.exists()


def test_page_says_when_the_recovery_codes_are_used_up(client, device):
    assertContains(client.get(PAGE), "used up")


@pytest.fixture
def required(settings):
    settings.REQUIRE_SIGN_IN_CODES = True


@pytest.mark.parametrize("path", ["/admin/", "/admin/services/service/", "/admin/password_change/", "/admin/no/such/"])
def test_who_has_no_codes_is_led_to_them_and_can_do_nothing_else(required, client, path):
    assertRedirects(client.get(path), PAGE)
    assertRedirects(client.post(path, {"_save": "1"}), PAGE)
    assertContains(client.get(PAGE), "Everybody who edits this site needs sign-in codes")


def test_who_sets_codes_up_goes_on(required, client):
    device, _ = new_device(client)
    turn_on(client, code_of(device))
    assert client.get("/admin/").status_code == 200


def test_who_has_no_codes_can_log_out(required, client):
    assertContains(client.post("/admin/logout/"), "Logged out")


def test_manager_takes_a_lost_device_away_and_ends_the_sessions(device, person, signed_in):
    boss = signed_in(person("boss", "Manager"))
    url = f"/admin/auth/user/{device.user.pk}"
    signed_in(device.user)
    page = boss.get(f"{url}/change/")
    assertContains(page, "Turn sign-in codes off")
    assertContains(page, "Signed in on 1 device")
    assertRedirects(boss.post(f"{url}/no-code/", {"_turn_off": "1"}), f"{url}/change/")
    assert not TOTPDevice.objects.exists()
    assert not Session.objects.filter(user=device.user).exists()
    assert is_in(sign_in("dana"))


def test_nobody_takes_his_own_device_away_without_a_proof(person, signed_in):
    boss = person("boss", "Manager")
    TOTPDevice.objects.create(user=boss)
    answer = signed_in(boss).post(f"/admin/auth/user/{boss.pk}/no-code/", {"_turn_off": "1"})
    assert answer.status_code == 403
    assert TOTPDevice.objects.exists()


def test_secrets_of_codes_have_no_pages_in_the_admin(manager_client):
    for name in ("otp_totp/totpdevice", "otp_static/staticdevice"):
        assert manager_client.get(f"/admin/{name}/").status_code == 404


def test_proof_is_not_shown_again(client, device):
    assertNotContains(prove(client, "_turn_off", "my secret"), "my secret")


@pytest.mark.parametrize("password", ["", "wrong", "x" * 201])
def test_codes_are_not_set_up_without_the_password(client, password):
    device, _ = new_device(client)
    assert turn_on(client, code_of(device), password).context["form"].errors["password"]
    assert not TOTPDevice.objects.exists()
    assert turn_on(client, code_of(device)).context["codes"]


def test_password_cannot_be_guessed_where_codes_are_set_up(client):
    device, _ = new_device(client)
    for _ in range(5):
        turn_on(client, code_of(device), "wrong")
    turn_on(client, code_of(device))
    assert not TOTPDevice.objects.exists()


def test_error_and_help_of_a_code_are_tied_to_its_field(db):
    page = sign_in("dana", code="x" * 41).content.decode()
    ids = re.search(r'<input[^>]*name="code"[^>]*aria-describedby="([^"]+)"', page)[1].split()
    assert sorted(ids) == ["id_code_error", "id_code_helptext"]
    assert [page.count(f'id="{one}"') for one in ids] == [1, 1]


def test_form_that_is_sent_twice_leads_to_the_page_and_makes_no_error(client):
    device, _ = new_device(client)
    turn_on(client, code_of(device))
    again = client.post(PAGE, {"code": code_of(device), "password": PASSWORD, "_turn_on": "1"}, follow=True)
    assertContains(again, "Sign-in codes are on already")
    assertNotContains(again, "This field is required")
