"""The one rule about people: nobody gives, or takes over, a right that they lack.

Whoever can set a person's password, or let that person in, can do whatever that person may. So all of that, and the
form of a person, asks `may_manage`; what is given by it asks `givable`.
"""

from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.db.models import Q, QuerySet

AnyUser = User | AnonymousUser


def rights_of(user: User) -> set[int]:
    """Return the keys of a person's permissions; those of who is not active count, too."""
    held = Permission.objects.filter(Q(user=user) | Q(group__user=user))
    return set(held.values_list("pk", flat=True))


def may_manage(user: AnyUser, person: User) -> bool:
    if not isinstance(user, User) or not user.has_perm("auth.change_user"):
        return False
    if user.is_superuser or user == person:
        return True
    return not person.is_superuser and rights_of(person) <= rights_of(user)


def givable(user: User) -> QuerySet[Group]:
    if user.is_superuser:
        return Group.objects.all()
    lacking = Permission.objects.exclude(pk__in=rights_of(user))
    return Group.objects.exclude(permissions__in=lacking)
