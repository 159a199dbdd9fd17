"""The whole portal in one process: services, gateway and sandbox, over the in-process broker and SQLite files."""
