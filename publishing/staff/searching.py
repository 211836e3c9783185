"""Search in the admin's lists, without regard to accents, capitals, and kinds of quotes and dashes.

Texts are compared here and not in the database, so that SQLite and PostgreSQL find the same: neither folds accents
without an extension, and SQLite knows no capitals but those of English. A list has some thousands of rows at most.
"""

import re
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from publishing.text import folded

PHRASE_OR_WORD = re.compile(r'"([^"]*)"|([^\s"]+)')
MOST_FOUND = 10_000  # rows: a database takes no more keys in one question


def terms_of(typed: str) -> list[str]:
    """Return the words that were typed, folded; what is in double quotes is one."""
    found = PHRASE_OR_WORD.findall(folded(typed))
    return [term for phrase, word in dict.fromkeys(found) if (term := phrase.strip() or word)]


class FoldedSearch(admin.ModelAdmin):
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Filter the rows in which each term is in one of the fields."""
        terms, names = terms_of(search_term), self.get_search_fields(request)
        if not (terms and names):
            return queryset, False
        keys = []
        for key, *texts in queryset.order_by().values_list("pk", *names).iterator(chunk_size=500):
            held = [folded(str(text or "")) for text in texts]
            if all(any(term in text for text in held) for term in terms):
                keys.append(key)
        return queryset.filter(pk__in=keys[:MOST_FOUND]), False
