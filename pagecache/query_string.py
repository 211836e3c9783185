"""Bring queries that ask for the same page into one form."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

# What mail programs, search engines and social networks append to addresses; nothing on the site reads it.
TRACKING = re.compile(r"utm_\w+|gclid|gbraid|wbraid|fbclid|msclkid|dclid|mc_[ce]id|_ga|_gl|ref_src|srsltid")

QueryParameters = Mapping[str, re.Pattern[str]]  # the parameters that a view reads, and what their values match


def normalized_query(query: str, parameters: QueryParameters) -> str | None:
    """Return the query with these parameters alone, in order; None where there is another, or one twice."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=30)
    except ValueError:
        return None
    pairs = [(name, value) for name, value in pairs if not TRACKING.fullmatch(name)]
    if len(dict(pairs)) != len(pairs) or any(
        name not in parameters or not parameters[name].fullmatch(value) for name, value in pairs
    ):
        return None
    return urlencode(sorted(pairs))
