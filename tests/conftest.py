"""Fixtures for every level come from tests/support; nothing here imports or patches a service."""

pytest_plugins = ["pytester", "tests.support.levels", "tests.support.servers", "tests.support.workers"]
