"""A service of the clinic, its parts and its questions.

`Service` holds the texts of its page in their order there; the rows of its parts are benefits, claims of research,
comparisons, conditions, steps of a session and questions. A part is edited and published with its service; a question
has a form of its own as well, and belongs to no service if it is general. Service pages show everything; the home page
shows the first service in short, with the body map (`body.py`, `body_map.py`) and the ruler (`ruler.py`); lists and
search engines get title and summary; questions stand on the FAQ page, too. `text.py` finds lists and numbers in plain
text. The views are those of `pages`.
"""
