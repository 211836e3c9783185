"""The life of a draft.

Staff open the form of an object (a service, a page, the clinic): `staff/` binds the stock admin form to the object and
its parts in memory. What they type becomes a snapshot, one JSON value with all rows (`revisions/snapshot.py`).
"Keep as draft" stores it as a `Revision` (`models.py`), based on the version that was current when editing began.
The draft can be opened, previewed and shared by a signed link, whatever becomes of the live page in the meantime.
When it is saved, or falls due at its date (`revisions/release.py`), it is merged with the current version of then
(`revisions/merge.py`). Conflicts go back to staff; otherwise the merged snapshot is loaded into the database, if every
rule allows it (`revisions/whole.py`), and recorded as a version. A draft that was published, replaced or discarded is
closed, and deleted 90 days later; versions stay, and can be restored. An address that changed is redirected
(`addresses/redirects.py`).
"""
