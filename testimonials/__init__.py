"""What patients say: a quote, the name that they want, and when their consent to publish was noted.

A testimonial may belong to a service, whose page then shows it before those of the clinic as a whole. The home page
shows one, the list shows all.
"""
