# What is imported when it is first used: __init__.py reads this file. The reference has
# its order.
from .judges import mark_all as mark_all
from .files import collect as collect
from .options import chosen as chosen
from .files import Sheet as Sheet
