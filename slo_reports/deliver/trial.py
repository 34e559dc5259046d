"""A trial: a message that looks as the real one will, marked, and in nobody's way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from slo_reports.deliver.mail import Mail
from slo_reports.deliver.notes import with_banner
from slo_reports.errors import DeliveryError
from slo_reports.language import speaking, tr
from slo_reports.model import Bundle, MailBody, Parcel
from slo_reports.settings.mail import MailDestination


def trial_parcel(
    bundle: Bundle, name: str, settings: MailDestination, recipient: str, nonce: str
) -> Parcel:
    """A marked copy of a bundle's message, for anybody.

    Its Message-ID comes from the nonce: it belongs to no thread, and neither the reader's program
    nor the archive takes it for the real message.

    Args:
        bundle: what the real message says; ``with_places``, where it may be too large.
        name: of the destination in the settings; ``Mail.send`` sends the parcel.
        settings: of the destination.
        recipient: need not be one of the settings'.
        nonce: anything that was not used before.

    Raises:
        DeliveryError: the bundle holds no mail, or it is too large without attachments.
    """
    if bundle.mail is None:
        msg = f"{name}: the bundle of {bundle.report} {bundle.period_id} holds no mail to try"
        raise DeliveryError(msg, retryable=False)
    with speaking(bundle.mail.language):
        banner = tr("This is a test of slo-reports, not the report itself.")
    marked = with_banner(bundle.mail, banner)
    body = replace(marked, subject=f"[TEST] {marked.subject}")
    return Mail(name, settings).parcel(bundle, recipient, body=body, nonce=nonce)


def trial_bundle(name: str, date: datetime) -> Bundle:
    """Something to send where there is no report yet: a few words, no document.

    Args:
        name: of the destination in the settings.
        date: the present instant; becomes the message's date.
    """
    words = f"Mail from slo-reports to the destination {name} arrives here."
    body = MailBody(
        subject=f"slo-reports, destination {name}",
        text=f"{words}\n",
        html=f'<!doctype html><html lang="en"><body><p>{words}</p></body></html>\n',
    )
    return Bundle(report="trial", period_id="trial", revision=1, date=date, documents=(), mail=body)
