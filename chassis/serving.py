"""What a service is made of besides its own code: `answers` for its methods, `Operable` for its base class."""

from chassis.answering import answers
from chassis.operable import Operable

__all__ = ["Operable", "answers"]
