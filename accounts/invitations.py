"""Links by which somebody sets a password of their own, in place of one that somebody else knows."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import Invitation


class InvitationTokens:
    """What Django's view of a link asks in place of its own generator, whose links last as long as those of e-mails."""

    def make_token(self, user: User) -> str:
        return token_of(Invitation.objects.get(user=user), user)

    def check_token(self, user: User | None, token: str | None) -> bool:
        if user is None or not user.is_active or not token:
            return False
        invitation = Invitation.objects.filter(user=user).first()
        return bool(invitation and invitation.is_open and constant_time_compare(token_of(invitation, user), token))


def token_of(invitation: Invitation, user: User) -> str:
    about = f"{user.pk} {invitation.pk} {user.password}"  # dies with its row, and with the password
    return salted_hmac("accounts.invitation", about, algorithm="sha256").hexdigest()


tokens = InvitationTokens()


def invite(user: User) -> Invitation:
    """Make a link; one that was made before ends."""
    with transaction.atomic():
        Invitation.objects.filter(user=user).delete()
        return Invitation.objects.create(user=user)


def link(user: User) -> str:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return f"{settings.SITE_URL}{reverse('invitation', args=[uid, tokens.make_token(user)])}"
