"""Mail by SMTP."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from archive.adapters.in_time import in_time
from archive.errors import SettingsError, Unreachable
from archive.settings import MailSettings, resolve

ANSWERS = 10
"""Answers of a server to one mail, each of which may take as long as the settings say; together they end."""


class SmtpMailer:
    """Sends by the server that the settings name."""

    def __init__(self, settings: MailSettings) -> None:
        self.settings = settings

    def send(self, to: str, subject: str, text: str, attachment: tuple[str, bytes] | None = None) -> None:
        """Send a text, with a file or without; see ``Mailer.send``."""
        settings = self.settings
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = settings.sender, to, subject
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="beleg.invalid")
        message.set_content(text)
        if attachment is not None:
            name, data = attachment
            # As bytes: a server that touches line ends of text must not break a signature.
            message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        where = f"mail to {to} by {settings.host}:{settings.port}: not sent"
        whole = ANSWERS * settings.timeout
        try:
            in_time(lambda: self._send(message), whole, f"{where}: no end of it in {whole:g} seconds")
        except (smtplib.SMTPException, OSError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            raise Unreachable(f"{where}: {why}") from error

    def _send(self, message: EmailMessage) -> None:
        with self._connect() as server:
            server.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        settings = self.settings
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=settings.timeout, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
        if settings.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.user is not None:
            if settings.password is None:
                raise SettingsError("mail.user without mail.password (env:NAME or file:PATH)")
            if settings.security == "none":
                raise SettingsError("a password is not sent over an open line: set mail.security")
            server.login(settings.user, resolve(settings.password))
        return server
