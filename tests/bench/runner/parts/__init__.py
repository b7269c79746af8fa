"""Parts of the benchmark, one file each: a module has a `run(session)` that returns its tables."""
