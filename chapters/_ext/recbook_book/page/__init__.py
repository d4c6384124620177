"""How a page looks: its opening, figures, tables, exercises and reading time."""
