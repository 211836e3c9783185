"""Who may open each address of the site, and who may do what there: the one table of expected rights.

A line has an address (the name of its URL, or a pattern of the route of one that has no name), who sees it, and each
deed with who may do it. People are letters:

C Contributor, P Publisher, D Front desk, M Manager, S superuser, N staff without a role;
O a login that is not staff, I an inactive one, X a stranger; * all of them, - nobody.

`=302` after who sees it is the status that they get instead of 200, `/404` the one that other staff get instead of 403.
A deed with `?` is done in a lesser way by who sees the address and may not do it.
"""

from fnmatch import fnmatch
from typing import NamedTuple

from django.urls import get_resolver

STAFF, OTHERS = "CPDMSN", "OIX"
EVERYBODY = STAFF + OTHERS
SAFE, UNSAFE = ("GET", "HEAD"), ("PUT", "DELETE", "OPTIONS", "PATCH")

TABLE = """
admin:index                               CPDMSN
admin:login                               OIX/302       log_in=CPDMSN/200
admin:logout                              -/405         log_out=CPDMSN
admin:password_change                     CPDMSN        change_own_password=CPDMSN
admin:password_change_done                CPDMSN
admin:autocomplete                        -
admin:jsi18n                              CPDMSN
admin:app_list                            CPMS/404
admin/(?P<url>.[*])$                      -/404
admin/*/*/<path:object_id>/               CPDMSN=302

admin:auth_group_changelist               MS            delete_selected=S/200
admin:auth_group_add                      S             add=S
admin:auth_group_change                   MS            save=S
admin:auth_group_history                  MS
admin:auth_group_delete                   S             delete=S

admin:auth_user_changelist                MS            delete_selected=S/200
admin:auth_user_add                       MS            add=MS
admin:auth_user_change                    MS            save=MS
admin:auth_user_history                   MS
admin:auth_user_delete                    S             delete=S
admin:auth_user_invitation                -/405         make_link=MS take_link_back=MS
admin:auth_user_no_code                   -/405         take_code=MS
admin:auth_user_sessions                  MS            end_sessions=MS

admin:accounts_change_changelist          MS            delete_selected=-/200
admin:accounts_change_add                 -
admin:accounts_change_change              MS
admin:accounts_change_history             MS
admin:accounts_change_delete              -

sign_in_code                              CPDMSN
own_sessions                              CPDMSN
admin_password_reset                      *=404
password_reset_done                       *
password_reset_confirm                    *
password_reset_complete                   *
invitation                                *

admin:redirects_redirect_changelist       PMS            delete_selected=PMS
admin:redirects_redirect_add              PMS            add=PMS
admin:redirects_redirect_many             PMS            add_many=PMS
admin:redirects_redirect_not_found        PMS
admin:redirects_redirect_change           PMS            save=PMS
admin:redirects_redirect_history          PMS
admin:redirects_redirect_delete           PMS            delete=PMS

admin:pictures_picture_changelist         CPMS           delete_selected=PMS/200
admin:pictures_picture_add                CPMS           add=CPMS
admin:pictures_picture_change             CPMS           save=PMS
admin:pictures_picture_history            CPMS
admin:pictures_picture_delete             PMS            delete=PMS

admin:services_service_changelist         CPMS           delete_selected=PMS/200
admin:services_service_add                CPMS           add=CPMS add_kept=CPMS add_public?=PMS
admin:services_service_change             CPMS           KEEPING save_hidden=CPMS
admin:services_service_history            CPMS
admin:services_service_delete             PMS            delete=PMS
admin:services_service_move               -/405         move=PMS
admin:services_service_deleted            CPMS

admin:services_faq_changelist             CPMS           delete_selected=PMS/200
admin:services_faq_add                    CPMS           add=PMS add_kept=CPMS
admin:services_faq_change                 CPMS           KEEPING
admin:services_faq_history                CPMS
admin:services_faq_delete                 PMS            delete=PMS
admin:services_faq_move                   -/405         move=PMS
admin:services_faq_deleted                CPMS

admin:testimonials_testimonial_changelist CPMS           delete_selected=PMS/200
admin:testimonials_testimonial_add        CPMS           add=CPMS add_kept=CPMS add_public?=PMS
admin:testimonials_testimonial_change     CPMS           KEEPING save_hidden=CPMS
admin:testimonials_testimonial_history    CPMS
admin:testimonials_testimonial_delete     PMS            delete=PMS
admin:testimonials_testimonial_move       -/405         move=PMS
admin:testimonials_testimonial_deleted    CPMS

admin:pages_page_changelist               CPMS           delete_selected=PMS/200
admin:pages_page_add                      CPMS           add=CPMS add_kept=CPMS add_public?=PMS
admin:pages_page_change                   CPMS           KEEPING save_hidden=CPMS
admin:pages_page_history                  CPMS
admin:pages_page_delete                   PMS            delete=PMS
admin:pages_page_move                     -/405         move=PMS
admin:pages_page_deleted                  CPMS

admin:pages_clinic_changelist             CPDMSN=302    delete_selected=-/302
admin:pages_clinic_add                    -
admin:pages_clinic_change                 PDMS          KEEPING_CLINIC
admin:pages_clinic_history                PDMS
admin:pages_clinic_delete                 -             delete=-
admin:pages_clinic_deleted                PDMS

shared_draft                              *
rendition                                 *
home                                      *
services                                  *
service                                   *
testimonials                              *
faq                                       *
contact                                   *
clinic_card                               *
privacy                                   *
accessibility                             *
robots                                    *
sitemap                                   *
page                                      *
"""
# Django sends staff from the login to their home at GET alone.
OTHER_METHODS = {"admin:login": 200}
KEEPING = (
    "save=PMS save_continue=PMS save_draft=PMS restore=PMS dated=PMS keep=CPMS keep_dated?=PMS preview=CPMS "
    "discard=CPMS discard_dated=PMS"
)
# The front desk publishes there what it may change, and nothing of what these deeds change.
CLINIC = (
    "save?=PMS save_continue?=PMS save_draft?=PMS restore?=PMS dated=PDMS keep=PDMS keep_dated=PDMS preview=PDMS "
    "discard=PDMS discard_dated=PDMS"
)


class Door(NamedTuple):
    see: str
    status: int
    refused: int
    deeds: dict[str, tuple[str, int]]  # who may, and the status of others who see the address
    lesser: set[str]

    def status_for(self, letter):
        return self.status if letter in self.see else self.refused if letter in STAFF else 302

    def refusal(self, name, letter):
        """The status that someone gets who may not do it."""
        other = self.deeds[name][1]
        if letter in self.see or name == "log_in":
            return other
        return 302 if letter in OTHERS else 403 if self.refused == 405 else self.refused


def people(text):
    return EVERYBODY if text == "*" else text.replace("-", "")


def door(words):
    seen, _, refused = words[0].partition("/")
    letters, _, status = seen.partition("=")
    deeds, lesser = {}, set()
    for word in words[1:]:
        name, _, who = word.partition("=")
        who, _, other = who.partition("/")
        deeds[name.removesuffix("?")] = people(who), int(other or 403)
        lesser |= {name[:-1]} if name.endswith("?") else set()
    return Door(people(letters), int(status or 200), int(refused or 403), deeds, lesser)


LINES = TABLE.replace("KEEPING_CLINIC", CLINIC).replace("KEEPING", KEEPING).splitlines()
DOORS = {words[0]: door(words[1:]) for words in map(str.split, LINES) if words}


def addresses(patterns=None, route="", names=""):
    """(name, route) of each address in the URL map; the name of one without is empty."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = route + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from addresses(pattern.url_patterns, here, names + space)
        else:
            yield (names + pattern.name if pattern.name else ""), here


def key_of(name, route):
    """The line of the table that an address has, or None."""
    if name:
        return name if name in DOORS else None
    return next((key for key in DOORS if fnmatch(route, key)), None)
