from django import template

from services.text import first_year, lines, opening, point_items

register = template.Library()

for function in (first_year, lines, opening, point_items):
    register.filter(function)
