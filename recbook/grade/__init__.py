"""Grade what a class hands in: one file of predictions, or a folder of them.

::

    python -m recbook.grade --pairs pairs.csv        what to predict, for practice
    python -m recbook.grade FILE                     grade it on the practice split
    python -m recbook.grade --new FOLDER             a new world, for a class
    python -m recbook.grade FILE --form students     a student: is its form right?
    python -m recbook.grade FILE --answers FOLDER/answers.csv
    python -m recbook.grade --table FILES --answers FOLDER/answers.csv
    python -m recbook.grade --table FILES --answers FOLDER/answers.csv --csv class.csv
                            --html board.html --anonymous --feedback replies
    python -m recbook.grade --new-campaign FOLDER    a campaign, for a class
    python -m recbook.grade plan.csv --answers FOLDER/answers-campaign.csv

FILE is CSV with the header ``user_id,movie_id,prediction``, or, with ``--lists``,
``user_id,rank,movie_id``. A plan for a campaign is ``customer_id,action``; beside it
stand two forecasts, ``plan,profit,low,high`` with the rows ``mine`` and ``readers``, in
a file of the same name that ends in .txt. The exit status is 0 where it was graded, 2
where it was refused; the reason is then one sentence on the standard error.

Of a class, ``--csv`` has all for the teacher, remarks and points too. ``--html`` is a
page to show, without remarks, and with code names if it is ``--anonymous``.
``--feedback`` has a text for each team, to be zipped and uploaded to the platform.

The practice split hides nothing: its ratings are public, and its seed is in this
package. A world of ``--new`` hides as much as its seed does.
"""

from recbook.grade.campaign.forecasts import Forecast
from recbook.grade.campaign.make import (
    CampaignTask,
    load_campaign,
    new_campaign,
    read_campaign,
)
from recbook.grade.campaign.scores import (
    CampaignAnswers,
    CampaignScore,
    grade_campaign,
)
from recbook.grade.commands import check_form
from recbook.grade.files import Refused
from recbook.grade.films.lists import grade_lists
from recbook.grade.films.make import load, new, read_answers, read_world
from recbook.grade.films.scores import Score, grade
from recbook.grade.films.tasks import Answers, Task, World, practice, practice_world
from recbook.grade.table import standings

__all__ = [
    "grade",
    "grade_lists",
    "standings",
    "check_form",
    "load",
    "new",
    "practice",
    "practice_world",
    "read_answers",
    "read_world",
    "grade_campaign",
    "load_campaign",
    "new_campaign",
    "read_campaign",
    "CampaignAnswers",
    "CampaignScore",
    "CampaignTask",
    "Forecast",
    "Answers",
    "World",
    "Task",
    "Score",
    "Refused",
]
