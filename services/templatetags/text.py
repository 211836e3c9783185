from django import template

from services.text import first_year, lines, opening, points

register = template.Library()

for find in (first_year, lines, opening, points):
    register.filter(find)
