"""The students' notebooks, written from the resolved pages."""
