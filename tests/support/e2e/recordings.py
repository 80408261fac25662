"""Recordings that tests write themselves, as JSON Lines, and the programs around them."""
import base64
import hashlib
import json
import os
import socket

from . import processes, servers, tools


def _message(headers, body):
    return {"version": "1.1", "headers": headers, "body_length": len(body),
            "body_sha256": hashlib.sha256(body).hexdigest(), "body_base64": base64.b64encode(body).decode()}


def exchange(session, at_ns, method, target, headers=(), body=b"", status=200, response=b"", response_headers=()):
    """One line's object. `at_ns` counts from the recording's begin."""
    time = f"2026-01-02T03:{at_ns // 60_000_000_000:02}:{at_ns // 1_000_000_000 % 60:02}.{at_ns % 1_000_000_000:09}Z"
    fields = [["Host", "production.test"], *[list(field) for field in headers]]
    if body:
        fields.append(["Content-Length", str(len(body))])
    answer = [*[list(field) for field in response_headers], ["Content-Length", str(len(response))]]
    return {"session": f"s-{session}", "client": f"192.0.2.1:{20000 + session % 40000}", "server": "192.0.2.9:80", "time": time,
            "request": {"method": method, "target": target, **_message(fields, body)},
            "response": {"time": time, "status": status, "reason": "OK", **_message(answer, response)}, "complete": True}


def write(path, exchanges):
    with open(path, "w", encoding="utf-8") as file:
        for one in exchanges:
            file.write(json.dumps(one) + "\n")
    return path


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Loopback:
    """Stands for a host where the tests' helpers expect a network namespace."""
    name = None

    @staticmethod
    def connect(address, port, timeout=10):
        return socket.create_connection((address, port), timeout)


def start_nginx(directory, body="hello", name="nginx", location=None):
    """nginx on an unused port of loopback, one process: (process, port)."""
    port = unused_port()
    block = f"""
  server {{
    listen 127.0.0.1:{port} backlog=8192;
    location / {{ {location or f'return 200 "{body}";'} }}
  }}"""
    return servers.start_nginx(Loopback, directory, block, "127.0.0.1", port, name), port


def start_sample_api(directory, build):
    """(process, port)."""
    port = unused_port()
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sample_api.py")
    process = processes.Process(["python3", "-B", script, "127.0.0.1", port, build], directory, f"api-{build}-{port}")
    processes.wait_until(lambda: "ready" in process.stdout or not process.running, 10, "the sample API is ready")
    return process, port


def replay(*words, **options):
    """understudy-replay to its end: a finished process."""
    return tools.run([tools.tool("understudy-replay"), *words], **options)


_GOR_SEPARATOR = b"\n\xf0\x9f\x90\xb5\xf0\x9f\x99\x88\xf0\x9f\x99\x89\n"


def write_large(directory, count, body_bytes):
    """A .take of GETs whose answers do not pack, by way of the .gor that a script can write quickly."""
    gor, take = os.path.join(directory, "large.gor"), os.path.join(directory, "large.take")
    pool = os.urandom(8 << 20)
    with open(gor, "wb", buffering=1 << 22) as file:
        for i in range(count):
            at, name = 1_767_322_800_000_000_000 + i * 100_000, b"%024x" % i
            offset = i * 1697 % (len(pool) - body_bytes)
            file.write(b"1 %s %d 0\nGET /items/%d HTTP/1.1\r\nHost: production\r\n\r\n" % (name, at, i) + _GOR_SEPARATOR)
            file.write(b"2 %s %d 1000\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (name, at + 500_000, body_bytes) +
                       pool[offset:offset + body_bytes] + _GOR_SEPARATOR)
    converted = replay("convert", gor, take, timeout=600)
    if converted.returncode != 0:
        raise RuntimeError(converted.stderr)
    os.remove(gor)
    return take
