"""How a page looks: its opening, figures, tables, exercises, and how long it takes."""
