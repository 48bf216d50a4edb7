"""The marketer's room: sequences, library, rhythm, sends, engagement, temperature, hand-off."""

from nurturing.models.confirmation import Confirmation, JoinForm
from nurturing.models.decision import Decision, TickRun
from nurturing.models.delivery_run import DeliveryRun
from nurturing.models.domain_check import DomainCheck
from nurturing.models.engagement import EngagementEvent, Hit, ProviderEvent, Reply, TemperatureRule
from nurturing.models.enrollment import Enrollment
from nurturing.models.flow import Breaker, MailHost, ReceiverTrouble, SendLimit, WarmUp
from nurturing.models.gap import Gap
from nurturing.models.handoff import Handoff
from nurturing.models.mail_version import Level, MailVersion
from nurturing.models.mailbox import Mailbox
from nurturing.models.piece import Piece
from nurturing.models.rhythm import RhythmChange, RhythmRule, RhythmWish
from nurturing.models.send import SandboxMail, Send, SendDetail
from nurturing.models.sender import GoLive, Sender, SendingHold
from nurturing.models.sequence import Sequence, SequenceVersion, Step
from nurturing.models.standing import Pause, Reminder, SalesHold, SetAside, Standing
from nurturing.models.webhook_key import WebhookKey, WebhookRefusal

__all__ = [
    "Breaker",
    "Confirmation",
    "Decision",
    "DeliveryRun",
    "DomainCheck",
    "EngagementEvent",
    "Enrollment",
    "Gap",
    "GoLive",
    "Handoff",
    "Hit",
    "JoinForm",
    "Level",
    "MailHost",
    "MailVersion",
    "Mailbox",
    "Pause",
    "Piece",
    "ProviderEvent",
    "ReceiverTrouble",
    "Reminder",
    "Reply",
    "RhythmChange",
    "RhythmRule",
    "RhythmWish",
    "SalesHold",
    "SandboxMail",
    "Send",
    "SendDetail",
    "SendLimit",
    "Sender",
    "SendingHold",
    "Sequence",
    "SequenceVersion",
    "SetAside",
    "Standing",
    "Step",
    "TemperatureRule",
    "TickRun",
    "WarmUp",
    "WebhookKey",
    "WebhookRefusal",
]
