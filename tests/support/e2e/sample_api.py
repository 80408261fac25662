#!/usr/bin/env python3
"""A small API in two builds, for rehearsals: `current`, and `next`, which differs from it in known ways.

  POST /login            a token that is new each time; GET /mine wants it
  GET /orders/ID         JSON; `next` has another total (within a cent), the items in another order, a field renamed
  GET /broken/ID         200 in `current`, 500 in `next`
  GET /time              a time stamp, different in every answer of either build
  GET /same/ID           the same from both

Usage: sample_api.py ADDRESS PORT current|next
"""
import http.server
import json
import secrets
import sys
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    build = "current"
    tokens = set()

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/login":
            return self.answer(404, {"error": "no such page"})
        token = secrets.token_hex(16)
        self.tokens.add(token)
        return self.answer(200, {"access_token": token, "expires_in": 3600})

    def do_GET(self):
        is_next = self.build == "next"
        kind, _, number = self.path.lstrip("/").partition("/")
        if kind == "mine":
            known = self.headers.get("Authorization", "").removeprefix("Bearer ") in self.tokens
            return self.answer(200 if known else 401, {"known": known})
        if kind == "orders":
            items = [{"sku": "a"}, {"sku": "b"}, {"sku": "c"}]
            order = {"id": int(number), "total": 10.004 if is_next else 10.0, "items": items[::-1] if is_next else items,
                     "updated_at": time.time_ns()}
            order["currency_code" if is_next else "currency"] = "EUR"
            return self.answer(200, order)
        if kind == "broken":
            return self.answer(500, {"error": "oops"}) if is_next else self.answer(200, {"fine": True})
        if kind == "time":
            return self.answer(200, {"now": time.time_ns()})
        return self.answer(200, {"page": self.path})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512


def main():
    address, port, Handler.build = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with Server((address, port), Handler) as server:
        print("ready", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
