"""The film project as a service: ratings go in, explained recommendations come out.

`python -m recbook.app` starts it; `server.create_app(engine, store)` is the same as an
application. It needs the extra `app`, and `deep` to make its models, not to serve them.

An engine is any object with these, so that a test or a reader brings their own:

- `name`: of the data that it knows;
- `films`: a dict, film id -> an object with `id`, `title`, `year` (or None), `genres`;
- `search(text, limit)`: a list of such films, the best first, the popular where `text`
  is empty;
- `recommend(rated, k=10, genres=(), years=None, diversity=0.0)`: a list of objects
  with `film_id`, `title`, `year`, `genres`, `score`, `stars` and `reason`. `rated` is
  a dict film id -> stars and holds only films of `films`; `genres` are names, any of
  which will do; `years` is None or a pair (first, last) whose open end is None;
  `reason` is a dict as the page gets it: `{"film": id, "title": text, "closeness":
  number}` for the nearest film that was liked, or `{"popular": n}`, how many liked it.
"""
