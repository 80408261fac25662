#!/usr/bin/env python3
"""Clients of the sample API: a bounded number of requests at a steady rate, the same in every run.

usage: load.py PORT RATE COUNT [--devices N] [--customers N]

Of ten requests six ask for the newest reading of a device, two insert one, and two ask for a customer. Each is sent when it
is due, whatever came of the others. Prints how many were answered, and how fast.
"""
import argparse
import hashlib
import http.client
import json
import queue
import random
import threading
import time

KINDS = ["newest", "insert", "newest", "customer", "newest", "newest", "insert", "newest", "customer", "newest"]
CLIENTS = 16
TIMEOUT_SECONDS = 30


def device_guid(number):
    digits = hashlib.md5(f"device {number}".encode(), usedforsecurity=False).hexdigest()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def request(number, dice, devices, customers):
    """(kind, method, target, body) of the request of that number."""
    kind = KINDS[number % len(KINDS)]
    device = dice.randrange(devices)
    customer = 1 + device % customers
    if kind == "newest":
        return kind, "GET", f"/customers/{customer}/devices/{device_guid(device)}/readings/newest", None
    if kind == "insert":
        body = json.dumps({"Customer": customer, "Device": device_guid(device), "Value": dice.randrange(1000) / 10})
        return kind, "POST", "/readings", body
    return kind, "GET", f"/customers/{customer}", None


def serve(port, due, done):
    """One client: a connection that is kept, and made again when it broke."""
    connection = None
    while (item := due.get()) is not None:
        kind, method, target, body = item
        began = time.monotonic()
        try:
            connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
            connection.request(method, target, body, {"Content-Type": "application/json"} if body else {})
            response = connection.getresponse()
            response.read()
            done.append((kind, response.status, time.monotonic() - began))
        except OSError:
            done.append((kind, 0, time.monotonic() - began))
            connection = None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("port", type=int)
    parser.add_argument("rate", type=float)
    parser.add_argument("count", type=int)
    parser.add_argument("--devices", type=int, default=5000)
    parser.add_argument("--customers", type=int, default=500)
    options = parser.parse_args()
    dice = random.Random(7)
    due, done = queue.SimpleQueue(), []
    clients = [threading.Thread(target=serve, args=(options.port, due, done)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    start = time.monotonic()
    for number in range(options.count):
        time.sleep(max(0.0, start + number / options.rate - time.monotonic()))
        due.put(request(number, dice, options.devices, options.customers))
    for _ in clients:
        due.put(None)
    for client in clients:
        client.join()
    for kind in ("newest", "insert", "customer"):
        times = sorted(seconds for each, status, seconds in done if each == kind and status in (200, 201))
        failed = sum(1 for each, status, _ in done if each == kind and status not in (200, 201))
        middle = f"median {times[len(times) // 2] * 1000:.1f} ms" if times else "none answered"
        print(f"  {kind:<9} {len(times):>5} answered, {failed} failed, {middle}")


if __name__ == "__main__":
    main()
