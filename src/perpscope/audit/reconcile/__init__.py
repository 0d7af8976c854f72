"""Does every funding payment of an account follow from a rate, a price and a position?"""

from perpscope.audit.reconcile.evidence import Decided, Evidence
from perpscope.audit.reconcile.model import Reconciled, Verdict
from perpscope.audit.reconcile.run import Question, reconcile

__all__ = ["Decided", "Evidence", "Question", "Reconciled", "Verdict", "reconcile"]
