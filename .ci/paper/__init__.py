"""Built pages on paper (``sheets.py``) and as files for a tablet (``pdf.py``)."""
