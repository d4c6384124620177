"""Pages that run: what their scripts have to know about the cells."""
