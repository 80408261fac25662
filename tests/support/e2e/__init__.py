"""What the end-to-end tests and the benchmarks share: network namespaces, real servers, the agent, the load.

Standard library only. Everything that is started or made here is ended or removed again by its own context manager, by
process id and by name; nothing outside the test's own namespaces is touched.
"""
