"""What helps readers to find something: search, previews, links, descriptions."""
