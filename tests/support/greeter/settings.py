"""The greeter's settings."""

from typing import Annotated

from chassis.settings import Env, ServiceSettings


class GreeterSettings(ServiceSettings, frozen=True, kw_only=True):
    database_url: Annotated[str, Env("GREETER_DATABASE_URL", "the greeter's database")]
    signing_secret: Annotated[str, Env("GREETER_SECRET", "shows that secrets stay out of logs", secret=True)]
