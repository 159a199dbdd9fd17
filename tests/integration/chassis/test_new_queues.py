"""Queues that were made a moment before their broker was killed: RabbitMQ forgets that they were running."""

import re
import subprocess
from pathlib import Path

import amqp
import pytest
from kombu import Connection

from chassis import topology
from contracts.topology import LISTENERS, dead_letter_queue_of, inbox_queue_of
from porchlight.private_servers.rabbitmq import USER, RabbitMQServer
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
RABBITMQCTL = "/usr/lib/rabbitmq/bin/rabbitmqctl"
SILENCE_S = 3.0
TRIES = 10


def all_answer(server: RabbitMQServer) -> bool:
    """Whether the broker lets every listener's queues be consumed."""
    with amqp.Connection(
        host=f"{server.host}:{server.port}", userid=USER, password=server.password, read_timeout=SILENCE_S
    ) as connection:
        try:
            for listener in LISTENERS:
                for queue in (inbox_queue_of(listener), dead_letter_queue_of(listener)):
                    connection.channel().basic_consume(queue)
        except TimeoutError:
            connection.collect()
            return False
    return True


def declare(url: str) -> None:
    with Connection(url) as connection:
        topology.declare_all(connection.default_channel)


def delete(url: str) -> None:
    with Connection(url) as connection:
        for listener in LISTENERS:
            connection.default_channel.queue_delete(inbox_queue_of(listener))
            connection.default_channel.queue_delete(dead_letter_queue_of(listener))


def lose_leaders(server: RabbitMQServer) -> None:
    """Kill the broker right after it has made queues, until some of them do not come back."""
    for _ in range(TRIES):
        declare(server.url)
        server.kill()
        server.start()
        if not all_answer(server):
            return
        delete(server.url)
    pytest.fail(f"the broker has kept its queues {TRIES} times: is this section of the runbook still needed?")


def test_the_runbook_gives_a_queue_without_a_leader_one(own_rabbitmq):
    lose_leaders(own_rabbitmq)
    section = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8").split("## A queue without a leader\n")[1]
    command = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)[0]
    assert command.startswith("docker compose exec rabbitmq rabbitmqctl ")
    here = command.replace("docker compose exec rabbitmq rabbitmqctl", f"{RABBITMQCTL} -n porchlight@localhost")
    subprocess.run(["sh", "-c", here], env=own_rabbitmq.environment(), check=True, timeout=60)
    eventually(lambda: all_answer(own_rabbitmq), what="answers from every queue")


def test_queues_declared_to_last_outlive_a_kill_at_once(own_rabbitmq):
    with Connection(own_rabbitmq.url) as connection:
        assert topology.lacks_queues(connection)
        topology.declare_to_last(connection)
        assert not topology.lacks_queues(connection)
    own_rabbitmq.kill()
    own_rabbitmq.start()
    assert all_answer(own_rabbitmq)
