"""Where each service's migrations are."""

MIGRATIONS = {
    "identity": "services.identity.migrations",
    "billing": "services.billing.migrations",
    "balance": "services.billing.balance.migrations",
    "payments": "services.payments.migrations",
    "notify": "services.notify.migrations",
}


def database_variable(service: str) -> str:
    """The environment variable that names a service's database."""
    return f"PORCHLIGHT_{service.upper()}_DATABASE_URL"
