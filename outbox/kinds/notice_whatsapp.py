"""Notice by WhatsApp: the short text to one of our own people, as a WhatsApp message."""

from __future__ import annotations

from typing import ClassVar

from outbox.content import Channel, kind
from outbox.kinds.notice_sms import NoticeSms


@kind
class NoticeWhatsApp(NoticeSms):
    """The same words by WhatsApp."""

    kind: ClassVar[str] = "notice_whatsapp"
    channel: ClassVar[Channel] = "whatsapp"
