"""What is kept of each page when it is read, and done with the site when written."""
