"""The film project as a service: ratings go in, explained recommendations come out.

``python -m recbook.app`` starts it. ``server.create_app(engine, store)`` returns the
same service as an application. It needs the extra ``app``, and ``deep`` to make its
models.

Any object with these attributes and methods can be the engine, for instance in a test:

- ``name``: the name of the data that it knows.
- ``films``: a dict of film id to an object with ``id``, ``title``, ``year`` (or None)
  and ``genres``.
- ``posters``: a dict of film id to the hexadecimal digits of which the page draws the
  film's poster. It may be missing.
- ``tastes``: pairs of a genre and a few such films to begin with. They may be missing.
- ``search(text, limit)``: a list of such films, the best first. An empty text finds the
  most popular.
- ``recommend(rated, k=10, genres=(), years=None, diversity=0.0)``: a list of objects
  with ``film_id``, ``title``, ``year``, ``genres``, ``score``, ``stars``, ``reason``.
  ``rated`` is a dict of film id to stars. A film needs any one of ``genres``. ``years``
  is None or a pair (first, last) in which None leaves an end open. ``reason`` is
  ``{"film": id, "title": text, "closeness": number}`` for the nearest film that was
  liked, or ``{"popular": n}``, the number of people who liked it.
- ``explain(rated, film_id)``: a dict, as :meth:`Engine.explain
  <recbook.app.engine.Engine.explain>` returns it.
"""
