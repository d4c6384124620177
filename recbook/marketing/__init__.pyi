# What is imported when it is first used: __init__.py reads this file. The reference has
# its order.
from . import base as base
from . import worlds as worlds
from . import experiments as experiments
from . import ctr as ctr
from . import conversions as conversions
from . import positions as positions
from . import auctions as auctions
from . import pacing as pacing
from . import frequency as frequency
from . import bandits as bandits
from . import ope as ope
from . import observational as observational
from . import uplift as uplift
from . import lifetime as lifetime
from . import survival as survival
from . import lookalike as lookalike
from . import attribution as attribution
from . import geo as geo
from . import mix as mix
from . import retrieval as retrieval
from . import privacy as privacy
from . import fairness as fairness
from . import regression as regression
from . import features as features
from .base import Effect as Effect
from .features import features_of as features_of
