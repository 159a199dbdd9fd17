"""RabbitMQ and PostgreSQL of one's own: on free ports, in a folder of their own, gone when their user is gone.

The tests, `porchlight up` and the benchmarks run on these. Servers that already run on the machine are neither used
nor touched: every port, cookie, data folder and user name here is made for the occasion.
"""

from porchlight.private_servers.binaries import find_chromium, find_postgres, find_rabbitmq
from porchlight.private_servers.postgres import PostgresServer, private_postgres
from porchlight.private_servers.processes import ServerError
from porchlight.private_servers.rabbitmq import RabbitMQServer, private_rabbitmq

__all__ = [
    "PostgresServer",
    "RabbitMQServer",
    "ServerError",
    "find_chromium",
    "find_postgres",
    "find_rabbitmq",
    "private_postgres",
    "private_rabbitmq",
]
