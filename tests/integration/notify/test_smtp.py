import ssl
from collections.abc import Iterator

import pytest

from services.notify.clients.mail import ConnectionLost, MailError, NotNow, Rejected
from services.notify.clients.smtp import SmtpMail
from services.notify.emails.letter import Recipient
from tests.support.mail_server import Server, authenticate, running
from tests.support.notify_business import composer
from tests.support.notify_events import EXPIRES_AT
from tests.unit.notify.test_letters import invoice


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def plain(server) -> Iterator[SmtpMail]:
    with running(server, enable_SMTPUTF8=True) as port:
        yield SmtpMail(host="127.0.0.1", port=port, timeout_s=5)


@pytest.fixture
def server_tls(certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trusting(certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate[0]))


def message(address: str = "ana@example.com"):
    return composer().compose(invoice(), to=Recipient(name="José", address=address), delivery_id="d-1", at=EXPIRES_AT)


def test_a_message_arrives_whole(server, plain):
    with plain.connect() as connection:
        connection.send(message(), to="ana@example.com")
    (taken,) = server.taken
    assert taken.mail_from == "office@greenacres.example"
    assert taken.rcpt_tos == ["ana@example.com"]
    assert b"Message-ID: <d-1@greenacres.example>" in taken.content


def test_one_connection_carries_many_messages(server, plain):
    with plain.connect() as connection:
        for _ in range(5):
            connection.send(message(), to="ana@example.com")
    assert len(server.taken) == 5
    assert len(server.sessions) == 1


@pytest.mark.parametrize("step", ["rcpt", "data"])
@pytest.mark.parametrize(
    ("answer", "kind"), [("550 5.1.1 no such mailbox", Rejected), ("451 4.7.1 try again later", NotNow)]
)
def test_the_servers_no_is_permanent_or_not_by_its_code(server, plain, step, answer, kind):
    setattr(server, step, answer)
    with plain.connect() as connection:
        with pytest.raises(kind, match=answer[:12]):
            connection.send(message(), to="ana@example.com")
        setattr(server, step, "250 OK")
        connection.send(message(), to="ana@example.com")
    assert len(server.taken) == 1


def test_a_server_that_says_goodbye_is_a_lost_connection(server, plain):
    server.rcpt = "421 shutting down"
    with plain.connect() as connection, pytest.raises(ConnectionLost):
        connection.send(message(), to="ana@example.com")


def test_nobody_there_is_a_lost_connection_that_names_the_server(plain):
    nowhere = SmtpMail(host="127.0.0.1", port=1, timeout_s=2)
    with pytest.raises(ConnectionLost, match=r"127\.0\.0\.1:1: .*refused"), nowhere.connect():
        pass


def test_an_international_mailbox_is_sent_where_the_server_knows_such(server, plain):
    with plain.connect() as connection:
        connection.send(message("josé@example.com"), to="josé@example.com")
    assert server.taken[0].rcpt_tos == ["josé@example.com"]


def test_an_international_mailbox_is_rejected_where_it_does_not(server):
    with running(server, enable_SMTPUTF8=False) as port:
        mail = SmtpMail(host="127.0.0.1", port=port, timeout_s=5)
        with mail.connect() as connection, pytest.raises(Rejected):
            connection.send(message("josé@example.com"), to="josé@example.com")


def test_with_a_password_the_connection_is_encrypted_first(server, server_tls, trusting):
    options = {"tls_context": server_tls, "require_starttls": True, "auth_required": True}
    with running(server, authenticator=authenticate, **options) as port:
        mail = SmtpMail(host="127.0.0.1", port=port, username="green", password="s3cr3t", timeout_s=5, context=trusting)
        with mail.connect() as connection:
            connection.send(message(), to="ana@example.com")
        assert server.was_encrypted == [True]
        wrong = SmtpMail(host="127.0.0.1", port=port, username="green", password="wrong", timeout_s=5, context=trusting)
        with pytest.raises(ConnectionLost, match="535"), wrong.connect():
            pass


def test_a_password_is_never_sent_in_the_clear(server):
    with running(server, authenticator=authenticate, auth_require_tls=False) as port:
        mail = SmtpMail(host="127.0.0.1", port=port, username="green", password="s3cr3t", timeout_s=5)
        with pytest.raises(ConnectionLost, match="STARTTLS"), mail.connect():
            pass


def test_a_certificate_that_nobody_vouches_for_is_refused(server, server_tls):
    with running(server, tls_context=server_tls) as port:
        mail = SmtpMail(host="127.0.0.1", port=port, timeout_s=5)
        with pytest.raises(MailError, match=r"(?i)certificate"), mail.connect():
            pass


def test_tls_from_the_first_byte(server, server_tls, trusting):
    with running(server, ssl_context=server_tls) as port:
        mail = SmtpMail(host="127.0.0.1", port=port, tls="always", timeout_s=5, context=trusting)
        with mail.connect() as connection:
            connection.send(message(), to="ana@example.com")
    assert len(server.taken) == 1
