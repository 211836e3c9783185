"""Links by which somebody sets a password of their own, in place of one that somebody else knows."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import Invitation
from accounts.rights import may_manage


class InvitationTokens:
    """What Django's view of a link asks in place of its own generator, whose links last as long as those of e-mails."""

    def check_token(self, user: User | None, token: str | None) -> bool:
        if user is None or not token:
            return False
        invitation = Invitation.objects.filter(user=user).first()
        return bool(invitation and is_open(invitation) and constant_time_compare(token_of(invitation), token))


def is_open(invitation: Invitation) -> bool:
    """Return whether the link works: not once the password is another, or its maker could not make it any more."""
    user, is_in_time = invitation.user, timezone.now() < invitation.ends_at
    has_same_password = constant_time_compare(invitation.password_mark, password_mark(user))
    return is_in_time and has_same_password and user.is_active and may_manage(invitation.made_by, user)


def password_mark(user: User) -> str:
    return salted_hmac("accounts.invitation.password", user.password, algorithm="sha256").hexdigest()


def token_of(invitation: Invitation) -> str:
    about = f"{invitation.user_id} {invitation.pk} {invitation.password_mark}"  # dies with its row
    return salted_hmac("accounts.invitation", about, algorithm="sha256").hexdigest()


tokens = InvitationTokens()


def invite(user: User, made_by: User) -> Invitation:
    """Make a link; one that was made before ends."""
    with transaction.atomic():
        Invitation.objects.filter(user=user).delete()
        return Invitation.objects.create(user=user, made_by=made_by, password_mark=password_mark(user))


def link(invitation: Invitation) -> str:
    uid = urlsafe_base64_encode(force_bytes(invitation.user_id))
    return f"{settings.SITE_URL}{reverse('invitation', args=[uid, token_of(invitation)])}"
