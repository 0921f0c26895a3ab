"""Address code: the letter with the code that proves a new e-mail address to be a person's own; the one system mail to a new place."""

from __future__ import annotations

from typing import ClassVar

from outbox.content import kind
from outbox.kinds.notice import Notice
from outbox.kinds.notice_sms import NoticeSms


@kind
class AddressCode(Notice):
    """A letter with a code."""

    kind: ClassVar[str] = "address_code"
    priority: ClassVar[int] = 0


@kind
class AddressCodeSms(NoticeSms):
    """The same as a text, for a new phone."""

    kind: ClassVar[str] = "address_code_sms"
    priority: ClassVar[int] = 0
