"""What runs the stages: the command line and Dagster."""

import os

# Read when numpy is loaded. A night's matrices are small: a second thread of the linear algebra costs several times
# what it saves, and the order of sums would hang on how many cores a machine has.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
