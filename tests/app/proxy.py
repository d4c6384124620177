"""A proxy as the book's page sets one up: below a path, which it cuts off."""

import contextlib
import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PREFIX = "/films"


class Handler(BaseHTTPRequestHandler):
    """Pass on what is below the prefix, the Host header with it."""

    protocol_version = "HTTP/1.1"

    def handle_one(self):
        self.server.log.append(self.requestline)
        _, prefix, rest = [*self.path.split("/", 2), ""][:3]
        if f"/{prefix}" not in self.server.prefixes:
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0))) or None
        service = http.client.HTTPConnection("127.0.0.1", self.server.behind)
        with contextlib.closing(service):
            headers = dict(self.headers)
            service.request(self.command, f"/{rest}", body, headers)
            answer = service.getresponse()
            content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"date", "content-length", "connection"}:
                self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = handle_one

    def log_message(self, *arguments):
        """Its log is the list of request lines."""


@contextlib.contextmanager
def below_a_path(port, prefixes=(PREFIX,)):
    """Yield (address of the page, request lines so far) of a proxy to that port.

    The address is that below the first of the paths.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.behind, server.log, server.daemon_threads = port, [], True
        server.prefixes = prefixes
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            address = f"http://127.0.0.1:{server.server_port}{prefixes[0]}/"
            yield address, server.log
        finally:
            server.shutdown()
