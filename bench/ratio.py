#!/usr/bin/env python3
"""The same mails through django-post_office, the usual answer of a Django project to "send many mails": for the ratio of `bench/send.py`.

    python bench/ratio.py --mails 10000 --port 2525      (a database of its own in DATABASE_URL)

Each mail goes to one person, is filled in with their name and company by a Django template, holds eight signed links and the one-click
headers, is queued with `mail.send_many` and handed over by `send_queued_mail` with as many processes as the silo had. It keeps no
ledger against sending twice, asks for no grounds, caps or stops, and knows no clock: what it does beyond queueing and sending is less.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
DATABASE = "bench_post_office"
CHUNK = 500


def run(membership: Any, mails: int, counter: Any, processes: int) -> dict[str, Any]:
    """Queue and send into the sink that counted ours."""
    from silo.embedded import place

    membership.drop_database(DATABASE)
    membership.make_database(DATABASE)
    counter.ask("reset")
    environment = os.environ | {"DATABASE_URL": place.database_url(DATABASE, membership.var)}
    words = [
        sys.executable,
        __file__,
        "--mails",
        str(mails),
        "--port",
        str(counter.port),
        "--processes",
        str(processes),
    ]
    said = subprocess.run(
        words, env=environment, cwd=CHECKOUT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    took = json.loads(said.splitlines()[-1])
    report = counter.ask("report")
    return {
        "post_office_per_second": round(mails / took["seconds"]),
        "post_office_queue_seconds": round(took["queue_seconds"], 2),
        "post_office_cpu_ms_per_mail": round(took["cpu"] * 1000 / mails, 3),
        "post_office_accepted": report["accepted"],
    }


def main() -> None:
    """In a process of its own: other settings, another database."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mails", type=int, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    sys.path.insert(0, str(CHECKOUT))
    _settings(asked.port, asked.processes)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    began, used = time.monotonic(), _cpu()
    _queue(asked.mails)
    queued = time.monotonic() - began
    call_command("send_queued_mail", processes=asked.processes, log_level=0, verbosity=0)
    print(json.dumps({"seconds": time.monotonic() - began, "queue_seconds": queued, "cpu": _cpu() - used}))


def _settings(port: int, processes: int) -> None:
    import django
    from django.conf import settings

    from silo import environment

    settings.configure(
        DATABASES={"default": environment.database("DATABASE_URL")},
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        EMAIL_BACKEND="post_office.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        SECRET_KEY="bench",
        USE_TZ=True,
        KEY_RINGS={"links": ["bench"]},
        POST_OFFICE={
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
            "BATCH_SIZE": 1_000_000,
            "THREADS_PER_PROCESS": 1,
            "LOG_LEVEL": 0,
        },
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    )
    django.setup()


def _queue(mails: int) -> None:
    from django.template import Context, Template
    from post_office import mail

    from bench import words
    from nurturing.sending import tokens

    subject, html, text, links = words.as_django_templates()
    bodies = Template(html), Template(text), Template(subject)
    for start in range(0, mails, CHUNK):
        queued = []
        for number in range(start, min(start + CHUNK, mails)):
            stop = f"https://silo.example/u/{tokens.stop_token(number, number)}"
            context = Context({
                "first_name": words.NAMES[number % 16], "company": f"Verkstad {number % 1000} AB", "title": "Underhållschef",
                "owner": "Sam", "stop": stop,
                **{f"l{n}": f"https://silo.example/c/{tokens.click_token(number, n, url)}" for n, url in enumerate(links, 1)},
            })  # fmt: skip
            queued.append({
                "recipients": [f"p{number}@verkstad{number % 4000}.example"],
                "sender": "Åsa på Nordvik <asa@nordvik.example>",
                "subject": bodies[2].render(context),
                "message": bodies[1].render(context),
                "html_message": bodies[0].render(context),
                "headers": {
                    "List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                    "Reply-To": "sam@nordvik.example",
                },
            })  # fmt: skip
        mail.send_many(queued)


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    main()
