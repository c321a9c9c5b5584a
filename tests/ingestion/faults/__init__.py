"""Every dataset of the catalogue under every fault; `python -m tests.ingestion.faults` makes docs/faults.md by a run.

A cell is a real night of one unit: the dataset's own plan, fetch, judge and parser over a real socket into a home of
its own. A valid answer comes from the sandbox over a small generated market; a fault changes that answer or how it is
sent. `examples` has the valid answers, `bodies` says where their rows lie, `matrix` the faults, `run` makes a cell,
`expected` what each must become, `page` the published table.
"""
