"""`alma report`: one run as a page of its own, to read, to print, to hand on.

`gathering` collects what is known of a run, `transcript` reads what was said in it, `page` lays it
out by a template that escapes everything and loads nothing, `document` tells it to a program.
"""
