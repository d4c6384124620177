"""Tables as the platforms write them, for tests.

Moodle: the columns of mod/assign/gradingtable.php when it is downloaded, written by
PHP's fputcsv, which quotes what has a blank in it, with a byte order mark. Canvas: the
columns of lib/gradebook_exporter.rb, of which the second row may say "Manual Posting",
and the next one has four blanks in front.
"""

MOODLE = (
    "\ufeffIdentifier,\"Full name\",\"Email address\",Status,Grade,\"Maximum grade\","
    "\"Grade can be changed\",\"Last modified (submission)\",\"Last modified (grade)\","
    "\"Feedback comments\"\n"
)  # fmt: skip
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (901),\"Homework 2, late"
    " (902)\",Homework Current Score,Current Score\r\n"
    ",,,,,Manual Posting,,,\r\n"
    "    Points Possible,,,,,{one},{two},(read only),(read only)\r\n"
)  # fmt: skip


def worksheet(*people, maximum="10.00", grade="", comment="", end="\n"):
    """A grading worksheet of (number, name) or (number, name, status)."""
    rows = [
        f'"Participant {id}","{name}",{name.split()[0].lower()}@uni.example,'
        f'"{(*status, "Submitted for grading")[0]}",{grade},'
        + (f'"{maximum}"' if "," in maximum else maximum)
        + ',Yes,"Monday, 1 December 2026, 2:14 PM",-,'
        + (f'"{comment}"' if comment else "")
        for id, name, *status in people
    ]
    return (MOODLE + "".join(f"{row}\n" for row in rows)).replace("\n", end)


def gradebook(*people, one="10.00", two="20.00", delimiter=","):
    """A gradebook of (id, "Last, First", login) or with the grade of Homework 2."""
    quoted = [f'"{part}"' if "," in part else part for part in (one, two)]
    text = CANVAS.format(one=quoted[0], two=quoted[1])
    for id, name, login, *grade in people:
        text += f'"{name}",{id},S{id},{login},Sec 1,9.5,{"".join(grade)},95.0,95.0\r\n'
    text += '"Student, Test",99,,x,Sec 1,,,,\r\n'
    return text.replace(",", delimiter) if delimiter != "," else text
