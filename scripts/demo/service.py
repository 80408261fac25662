#!/usr/bin/env python3
"""A small HTTP service for the quickstart: answers every request, and writes a line about it.

usage: service.py NAME PORT LOG

Listens on 127.0.0.1:PORT. Each line of LOG is `NAME METHOD TARGET, N bytes of body`.
"""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def make_handler(name, log):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            log.write(f"{name:<10} {self.command:<5} {self.path}, {len(body)} bytes of body\n")
            log.flush()
            answer = b'{"served_by": "%s"}\n' % name.encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, *arguments):
            pass

    return Handler


def main():
    name, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with open(path, "a", encoding="utf-8") as log:
        ThreadingHTTPServer(("127.0.0.1", port), make_handler(name, log)).serve_forever()


if __name__ == "__main__":
    main()
