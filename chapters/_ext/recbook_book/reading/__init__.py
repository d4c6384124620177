"""What helps to find something: search, previews, links back, descriptions."""
