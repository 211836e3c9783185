from django import template

from publishing.phones import shown
from services.links import linked, mail_link, phone_link, phone_url
from services.text import first_year, lines, opening, point_items

register = template.Library()

for function in (first_year, lines, linked, mail_link, opening, phone_link, phone_url, point_items):
    register.filter(function)
register.filter("phone_text", shown)
