"""Serve the built course at a loopback address, compressed, for browsers to keep.

Usage: .venv/bin/python .ci/serve.py PORT [FOLDER]
"""

import functools
import gzip
import http.server
import io
import sys
from email.utils import formatdate
from pathlib import Path

from settings import call

HTML = Path(__file__).resolve().parents[1] / "_build" / "html"
# What browsers insist on. Windows keeps its types in the registry, where an editor may
# have made a script plain text.
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".pdf": "application/pdf",
}
TEXTS = (".html", ".css", ".js", ".svg", ".json", ".ipynb", ".txt", ".webmanifest")


class Course(http.server.SimpleHTTPRequestHandler):
    """Send the files of the book: texts compressed, and our page for a missing file.

    A browser may keep every file, and asks each time whether it has changed. It need
    not ask again for a file whose address names its contents
    (``book.css?v=3181d21c``). It asks again for a file that was missing.
    """

    protocol_version = "HTTP/1.1"  # one connection for all files of a page
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, **TYPES}

    def __init__(self, *args, directory=HTML, **kwargs):
        super().__init__(*args, directory=str(directory), **kwargs)

    def send_head(self):
        path = Path(self.translate_path(self.path))
        takes = self.headers.get("Accept-Encoding", "")
        fits = path.suffix in TEXTS and path.is_file() and "gzip" in takes
        # The base class answers whether a file changed since the browser got it.
        if not fits or "If-Modified-Since" in self.headers:
            return super().send_head()
        body = gzip.compress(path.read_bytes(), 6, mtime=0)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        changed = formatdate(path.stat().st_mtime, usegmt=True)
        self.send_header("Last-Modified", changed)
        self.end_headers()
        return io.BytesIO(body)

    def send_response(self, code, message=None):
        self.is_there = code in (200, 304)
        super().send_response(code, message)

    def end_headers(self):
        named = "?v=" in self.path or "?digest=" in self.path
        kept = named and self.is_there
        keep = "max-age=31536000, immutable" if kept else "no-cache"
        self.send_header("Cache-Control", keep)
        self.send_header("Vary", "Accept-Encoding")
        super().end_headers()

    def send_error(self, code, message=None, explain=None):
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            return super().send_error(code, message, explain)
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def main(port, folder=HTML):
    course = functools.partial(Course, directory=folder)
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), course)
    except OSError:
        other = call(f"serve PORT={port + 1}")
        sys.exit(f"recbook: port {port} cannot be had: try `{other}`.")
    with server:
        print(f"The course is at http://127.0.0.1:{port}/ (Ctrl-C ends)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
