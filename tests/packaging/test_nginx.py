"""The site for nginx in deploy/: a real nginx in front of a real service, with TLS, at the root and below a prefix."""

import json
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email.message import Message
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import NamedTuple

import pytest
import trustme

from dev.processes import die_with_parent
from searchsvc.config import Settings
from tests.conftest import ROOT
from tests.serving import free_port, running, serve_command

pytestmark = pytest.mark.slow
MAIN = """
daemon off; user root; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {site}
}}
"""


class Answer(NamedTuple):
    status: int
    headers: Message
    text: str


class Proxy:
    """An nginx before a service: the port at which it speaks TLS, and the one at which it does not."""

    def __init__(self, folder: Path, service: int) -> None:
        self.folder = folder
        self.tls, self.plain = free_port(), free_port()
        self.authority = trustme.CA()
        certificate = self.authority.issue_cert("archive.example", "127.0.0.1")
        certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
        certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
        site = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
        site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.MULTILINE)
        site = site.replace("listen 443", f"listen 127.0.0.1:{self.tls}").replace(
            "listen 80", f"listen 127.0.0.1:{self.plain}"
        )
        site = re.sub(r"/etc/ssl/certs/\S+(?=;)", f"{folder}/cert.pem", site)
        site = re.sub(r"/etc/ssl/private/\S+(?=;)", f"{folder}/key.pem", site)
        self.site = site.replace("127.0.0.1:8000", f"127.0.0.1:{service}")

    def below(self, prefix: str) -> "Proxy":
        """Change the site as its comment says, so that the archive is below a prefix."""
        self.site = self.site.replace("location / {", f"location {prefix}/ {{")
        self.site = re.sub(r"(\n        proxy_pass [^;]+);", r"\1/;", self.site)
        self.site = self.site.replace('X-Forwarded-Prefix ""', f"X-Forwarded-Prefix {prefix}")
        return self

    @contextmanager
    def started(self) -> Iterator[None]:
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=self.folder, site=self.site))
        process = subprocess.Popen(
            ["nginx", "-p", self.folder, "-c", self.folder / "nginx.conf"],
            preexec_fn=die_with_parent,  # noqa: PLW1509  it only makes a system call
        )
        try:
            until = time.monotonic() + 20
            while not (self.folder / "nginx.pid").exists():
                assert process.poll() is None, (self.folder / "error.log").read_text()
                assert time.monotonic() < until
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(20)

    def get(self, path: str, *, tls: bool = True) -> Answer:
        """Ask for an address of archive.example, as a browser would that follows no redirection."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        encrypted = HTTPSConnection("127.0.0.1", self.tls, timeout=20, context=context)
        with closing(encrypted if tls else HTTPConnection("127.0.0.1", self.plain, timeout=20)) as connection:
            connection.request("GET", path, headers={"Host": "archive.example"})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())


@pytest.fixture
def proxy(sample: Settings, tmp_path: Path) -> Iterator[Proxy]:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    port = free_port()
    command = [*serve_command(port), "--workers", "1"]
    with running(command, sample, port, SEARCHSVC_PROXIES="1", SEARCHSVC_HOSTS="archive.example"):
        yield Proxy(tmp_path, port)


def test_the_archive_is_served_behind_nginx(proxy: Proxy) -> None:
    with proxy.started():
        page = proxy.get("/search?q=tide")
        assert "<mark>" in page.text
        assert page.headers["X-Request-ID"]
        feed = proxy.get("/search.atom?q=tide").text
        assert "https://archive.example/" in feed
        assert "127.0.0.1" not in feed
        assert proxy.get("/metrics").status == 403
        assert proxy.get("/search?q=a", tls=False).headers["Location"] == "https://archive.example/search?q=a"


def test_the_archive_is_served_below_a_prefix(proxy: Proxy) -> None:
    with proxy.below("/archive").started():
        page = proxy.get("/archive/search?q=tide").text
        links = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
        assert len(links) > 10
        assert [link for link in links if not link.startswith("/archive/")] == []
        assert "/archive/" in json.loads(proxy.get("/archive/api/search?q=").text)["links"]["next"]
