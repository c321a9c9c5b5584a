"""What the marts say of the market that was recorded: the pages under docs/ that show it, made from real nights.

`python -m tests.recorded` runs the nights and writes docs/claims_recorded.md and docs/methodology.md with its pictures.
Derived statistics only are written: the recorded prices belong to their providers.
"""

import orchestration  # noqa: F401 - before numpy is loaded: one thread of linear algebra, as a night has
