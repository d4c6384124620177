"""Names and tables of learning platforms: whose a file is, and what comes back to whom.

>>> from recbook.lms import student_of
>>> student_of("class/byronada_LATE_12345_67890_2.2.ipynb", "class").late
True
"""

from recbook.lms.gradebook import Gradebook
from recbook.lms.names import Student, class_folder, student_of, told_apart
from recbook.lms.numbers import number_of
from recbook.lms.people import Matching, Person, letters, matched
from recbook.lms.replies import Replies
from recbook.lms.worksheet import Worksheet

__all__ = [
    "Student",
    "student_of",
    "class_folder",
    "told_apart",
    "Person",
    "Matching",
    "matched",
    "letters",
    "number_of",
    "Worksheet",
    "Gradebook",
    "Replies",
]
