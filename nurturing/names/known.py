"""What senders' providers publish: the include of their SPF, the selectors of their DKIM, the records to paste.

Written down in 2026 from what they document; their own pages have the last word, and ours says so.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """One provider. `spf` is what a domain includes; empty where bounces go to a domain of the provider's, which has
    an SPF of its own. `keys` are records to paste: selector and target of a CNAME; `{dashed}` is the domain with dashes.
    """

    spf: str = ""
    selectors: tuple[str, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    own_return: bool = False  # bounces go to a domain of the provider's


_GUESSES = ("default", "mail", "dkim", "selector1", "selector2", "google", "k1", "s1", "s2")
KNOWN: dict[str, Known] = {
    "amazon_ses": Known(own_return=True),
    "brevo": Known(
        "spf.brevo.com",
        ("brevo1", "brevo2", "mail"),
        (("brevo1", "b1.{dashed}.dkim.brevo.com"), ("brevo2", "b2.{dashed}.dkim.brevo.com")),
        own_return=True,
    ),
    "mailersend": Known(
        "_spf.mailersend.net",
        ("mlsend2", "mlsend"),
        (("mlsend2", "mlsend2._domainkey.mailersend.net"),),
        own_return=True,
    ),
    "mailgun": Known("mailgun.org", ("pic", "mailo", "mx", "k1", "smtp", "s1", "email", "mg")),
    "mailjet": Known("spf.mailjet.com", ("mailjet",), own_return=True),
    "mailtrap": Known("", ("rwmt1", "rwmt2"), own_return=True),
    "mandrill": Known(
        "spf.mandrillapp.com",
        ("mte1", "mte2", "mandrill"),
        (("mte1", "dkim1.mandrillapp.com"), ("mte2", "dkim2.mandrillapp.com")),
        own_return=True,
    ),
    "postal": Known(own_return=True),
    "postmark": Known("", ("pm",), own_return=True),
    "resend": Known("", ("resend",), own_return=True),
    "scaleway": Known("_spf.tem.scaleway.com"),
    "sendgrid": Known("sendgrid.net", ("s1", "s2"), own_return=True),
    "sparkpost": Known("", (), own_return=True),
    "unisender_go": Known("", ("us",), own_return=True),
}
# The SMTP doors of providers, by how the name of the server ends.
HOSTS: dict[str, Known] = {
    "gmail.com": Known("_spf.google.com", ("google",)),
    "office365.com": Known("spf.protection.outlook.com", ("selector1", "selector2")),
    "fastmail.com": Known("spf.messagingengine.com", ("fm1", "fm2", "fm3")),
    "brevo.com": KNOWN["brevo"],
    "mailgun.org": KNOWN["mailgun"],
    "mailjet.com": KNOWN["mailjet"],
    "mandrillapp.com": KNOWN["mandrill"],
    "mailersend.net": KNOWN["mailersend"],
    "postmarkapp.com": KNOWN["postmark"],
    "resend.com": KNOWN["resend"],
    "sendgrid.net": KNOWN["sendgrid"],
    "amazonaws.com": KNOWN["amazon_ses"],
}


def of(transport: str, host: str) -> Known:
    """What is known of a way out; of a mail server that nobody knows, selectors that are often used."""
    if transport in KNOWN:
        return KNOWN[transport]
    host = f".{host.lower().rstrip('.')}"
    return next((known for end, known in HOSTS.items() if host.endswith(f".{end}")), Known("", _GUESSES))
