# What editors and type checkers see of the lazy face; a test holds it to what is there.
from recbook.marketing import auctions as auctions
from recbook.marketing import bandits as bandits
from recbook.marketing import base as base
from recbook.marketing import ctr as ctr
from recbook.marketing import experiments as experiments
from recbook.marketing import attribution as attribution
from recbook.marketing import geo as geo
from recbook.marketing import lifetime as lifetime
from recbook.marketing import lookalike as lookalike
from recbook.marketing import ope as ope
from recbook.marketing import pacing as pacing
from recbook.marketing import regression as regression
from recbook.marketing import retrieval as retrieval
from recbook.marketing import uplift as uplift
from recbook.marketing import worlds as worlds
from recbook.marketing.base import Effect as Effect
from recbook.marketing.base import Estimate as Estimate
