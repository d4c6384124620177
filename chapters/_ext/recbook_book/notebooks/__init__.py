"""The students' notebooks, which are written from the resolved pages."""
