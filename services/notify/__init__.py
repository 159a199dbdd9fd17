"""notify: e-mails to customers, and the record of each."""
