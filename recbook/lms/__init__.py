"""Names and tables of learning platforms: whose a file is that Moodle or Canvas gave.

>>> from recbook.lms import student_of
>>> student_of("class/byronada_LATE_12345_67890_2.2.ipynb", "class").late
True
"""

from recbook.lms.names import Student, class_folder, student_of

__all__ = ["Student", "student_of", "class_folder"]
