"""An S3 store that keeps no conditions, as some old ones do not; SeaweedFS cannot be made to."""

import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from slo_reports.settings.shares import ShareDestination
from slo_reports.settings.values import Secret

_ERROR = "<Error><Code>{code}</Code><Message>as you see</Message></Error>"


@dataclass
class LaxS3:
    """The stub's objects, and how lax it is.

    Attributes:
        refuses_conditions: answers 501 to them; otherwise it overlooks them.
        rival: what somebody else puts in the place of each object a moment later.
    """

    port: int
    objects: dict[str, bytes] = field(default_factory=dict)
    refuses_conditions: bool = False
    rival: bytes | None = None

    def settings(self):
        """Settings of a share there."""
        return ShareDestination(
            kind="share",
            url="s3://reports/slo",
            endpoint=f"http://127.0.0.1:{self.port}",
            region="us-east-1",
            username="anybody",
            password=Secret(f"file:{os.devnull}"),
        )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stub: LaxS3

    def do_GET(self):
        content = self.stub.objects.get(self.path)
        if content is None:
            self._answer(404, _ERROR.format(code="NoSuchKey").encode())
        else:
            self._answer(200, content)

    def do_PUT(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.stub.refuses_conditions and "If-None-Match" in self.headers:
            self._answer(501, _ERROR.format(code="NotImplemented").encode())
            return
        self.stub.objects[self.path] = content if self.stub.rival is None else self.stub.rival
        self._answer(200, b"")

    def log_message(self, *_):
        """Say nothing."""

    def _answer(self, status, content):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving_lax_s3():
    """The stub, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    stub = server.RequestHandlerClass.stub = LaxS3(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
