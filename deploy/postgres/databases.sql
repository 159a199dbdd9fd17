-- A database and a role for each service. PostgreSQL's image runs this with psql when its data folder is new; the
-- passwords come from the environment. A role owns its database and reaches no other.

\getenv identity_password IDENTITY_DB_PASSWORD
\getenv billing_password BILLING_DB_PASSWORD
\getenv balance_password BALANCE_DB_PASSWORD
\getenv payments_password PAYMENTS_DB_PASSWORD
\getenv notify_password NOTIFY_DB_PASSWORD

CREATE ROLE identity LOGIN PASSWORD :'identity_password';
CREATE DATABASE identity OWNER identity;
REVOKE CONNECT, TEMPORARY ON DATABASE identity FROM PUBLIC;

CREATE ROLE billing LOGIN PASSWORD :'billing_password';
CREATE DATABASE billing OWNER billing;
REVOKE CONNECT, TEMPORARY ON DATABASE billing FROM PUBLIC;

CREATE ROLE balance LOGIN PASSWORD :'balance_password';
CREATE DATABASE balance OWNER balance;
REVOKE CONNECT, TEMPORARY ON DATABASE balance FROM PUBLIC;

CREATE ROLE payments LOGIN PASSWORD :'payments_password';
CREATE DATABASE payments OWNER payments;
REVOKE CONNECT, TEMPORARY ON DATABASE payments FROM PUBLIC;

CREATE ROLE notify LOGIN PASSWORD :'notify_password';
CREATE DATABASE notify OWNER notify;
REVOKE CONNECT, TEMPORARY ON DATABASE notify FROM PUBLIC;
