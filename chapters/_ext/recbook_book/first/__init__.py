"""The first page of the book, and the door of each part."""
