"""Revisions: drafts, and the versions of live pages.

`snapshot.py` makes one JSON value of an object and its parts; `whole.py` makes objects in memory of that, checks them
and saves them; `record.py` records the current version. `merge.py` merges three snapshots; `differences.py`
describes how two differ. `release.py` publishes dated drafts, which `middleware.py` calls before each page.
`preview.py` and `views.py` show a draft as a page; `history.py` lists versions, closed drafts and what was deleted;
`rights.py` says who may publish.
"""
