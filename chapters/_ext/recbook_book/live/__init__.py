"""Pages that run: what their scripts have to know of the cells."""
