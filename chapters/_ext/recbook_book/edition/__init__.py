"""The edition in another language: words beside the pages, joined as they are read."""
