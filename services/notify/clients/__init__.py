"""What notify talks to outside: a mail server, or the mailbox that stands in for one."""
