"""Addresses that lead on, and addresses that were not found.

`spelling.py` brings every way of writing an address into one: capitals, percent-encoding, the order of a query, the
slash at the end. `live.py` tells at which of them the site shows a page. `plan.py` decides what becomes of redirects
that are added, so that none leads to another one or in a circle; `redirects.py` writes that, for the admin and for
pages that are renamed, and answers visitors. `pasted.py` reads a list of them. `not_found.py` counts what visitors
asked for in vain, with nothing about them. The redirects themselves are Django's own model.
"""
