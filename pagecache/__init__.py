"""Public pages from memory, never older than the content. Knows nothing of the site around it.

The life of a cached page: a request reaches `cache.PageCache`, which asks the database for the version of the content
(`version`, `readers`); triggers replace that at each commit that changes content (`triggers`, `content`). A page cached
under the same address and version that has not expired is answered at once (`page`). Otherwise Django makes it: the
cache hands over a `state.PageState`, and a view declared with `decorators.cached` asks the database by prepared
queries (`queries`), and notes in the state when the page changes by itself. If the version is still the same
afterwards, the page is cached, and what it shares with others is handed on to them. It ends with the version, at its
moment, or when the store is full; while the database is down it is served for a day (`middleware` marks its requests).
`locks` says how long to wait for others.
"""
