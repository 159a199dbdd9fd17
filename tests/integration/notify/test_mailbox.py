from collections.abc import Iterator

import pytest

from services.notify.clients.mail import ConnectionLost, NotNow, Rejected
from services.notify.clients.mailbox import MailboxMail
from tests.integration.notify.test_smtp import message
from tests.support.mailbox import Mailbox, running_mailbox


@pytest.fixture
def server() -> Iterator[Mailbox]:
    with running_mailbox() as server:
        yield server


@pytest.fixture
def mail(server) -> MailboxMail:
    return MailboxMail(host="127.0.0.1", port=server.server_port, path="/mailbox/messages", timeout_s=5)


def test_messages_are_posted_whole_on_one_connection(server, mail):
    with mail.connect() as connection:
        for _ in range(3):
            connection.send(message(), to="ana@example.com")
    assert len(server.requests) == 3
    assert len(server.connections) == 1
    path, headers, body = server.requests[0]
    assert path == "/mailbox/messages"
    assert headers["Content-Type"] == "message/rfc822"
    assert headers["X-Envelope-To"] == "ana@example.com"
    assert b"Message-ID: <d-1@greenacres.example>" in body
    assert server.messages[0]["To"] == "José <ana@example.com>"


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Rejected), (413, Rejected), (429, NotNow), (500, NotNow), (503, NotNow)]
)
def test_its_no_is_permanent_or_not_by_its_status(server, mail, status, kind):
    server.status = status
    with mail.connect() as connection, pytest.raises(kind, match=f"HTTP {status}"):
        connection.send(message(), to="ana@example.com")


def test_nobody_there_is_a_lost_connection():
    mail = MailboxMail(host="127.0.0.1", port=1, path="/", timeout_s=2)
    with pytest.raises(ConnectionLost, match=r"127\.0\.0\.1:1"), mail.connect():
        pass
