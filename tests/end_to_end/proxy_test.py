#!/usr/bin/env python3
"""Through squid with CONNECT, with TLS verified; what a proxy or a certificate refuses is reported with its reason."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import agent, case, network, servers, tools  # noqa: E402

SHADOW = network.Network.SHADOW
PROXY = f"http://{SHADOW}:3128"
TLS_EXIT_CODE = 10
MIX = "get=60,get+close=5,post/4096=20,post/65536=5,chunked/9000=10"


class ProxyCase(case.NetworkCase):
    def start_squid(self, **options):
        return self.start(servers.start_squid(self.network.shadow, self.directory, SHADOW, 3128,
                                              names={"shadow.test": SHADOW, "other.test": SHADOW}, **options))

    def start_tls(self, **options):
        """A TLS front for shadow.test on port 8443; returns the path of the authority's certificate."""
        self.authority = servers.make_authority(self.directory, "authority")
        certificate, key = servers.make_certificate(self.directory, "shadow", self.authority, "DNS:shadow.test")
        self.start(servers.start_tls_front(self.network.shadow, self.directory, SHADOW, 8443, certificate, key, 8081,
                                           **options))
        return self.authority[0]

    def delivers(self, count, *options, **keywords):
        shadow = self.start_shadow()
        running = self.start_agent(*options, **keywords)
        self.load(count=count, rate=2000, mix=MIX)
        ledger = self.finish(running, seen=count)
        arrivals = shadow.arrivals(count)
        self.assertEqual((arrivals["missing"], arrivals["duplicates"], arrivals["corrupt"]), (0, 0, 0), arrivals)
        self.assertEqual(ledger["outputs"][0]["delivered"], count, ledger)
        return running

    def loses_all(self, reason, *options, **keywords):
        """Everything is lost, first to `reason`, the rest to the open breaker: (exit code, log)."""
        shadow = self.start_shadow()
        running = self.start_agent(*options, **keywords)
        self.load(count=300, rate=300, mix=MIX)
        running.wait_settled(300)
        code, ledger = running.stop()
        agent.assert_adds_up(ledger)
        lost = agent.lost(ledger)
        self.assertGreater(lost.get(reason, 0), 0, (lost, running.log[-3000:]))
        self.assertFalse(set(lost) - {reason, "breaker_open"}, lost)
        self.assertEqual(ledger["outputs"][0]["delivered"], 0)
        self.assertEqual(shadow.arrivals()["requests"], 0)
        return code, running.log

    def tunnels(self, log="squid.access"):
        with open(self.path(log), encoding="utf-8") as file:
            return [line for line in file if " CONNECT " in line]


class Proxy(ProxyCase):
    def test_connect_for_a_plain_target(self):
        self.start_squid()
        self.delivers(4000, "--to", "http://shadow.test:8081", "--proxy", PROXY)
        self.stop_squid_and_check()

    def stop_squid_and_check(self):
        # A tunnel is logged when it ends; the agent's have ended. Kept alive, they are few.
        lines = case.processes.wait_until(self.tunnels, 10, "squid logs tunnels")
        self.assertTrue(all("shadow.test:" in line for line in lines), lines)
        self.assertLessEqual(len(lines), 200)

    def test_authentication(self):
        self.start_squid(user="user", password="pa ss")
        self.delivers(2000, "--to", "http://shadow.test:8081", "--proxy", f"http://user:pa%20ss@{SHADOW}:3128")

    def test_authentication_from_a_file(self):
        self.start_squid(user="user", password="secret")
        secret = self.path("proxy-secret")
        with open(secret, "w", encoding="ascii") as file:
            file.write("user:secret\n")
        running = self.delivers(500, "--to", "http://shadow.test:8081", "--proxy", PROXY, "--proxy-auth-file", secret)
        self.assertNotIn("secret", running.log.replace("proxy-secret", ""))

    def test_proxy_from_the_environment(self):
        self.start_squid()
        environment = dict(os.environ, HTTP_PROXY=PROXY, NO_PROXY="127.0.0.1")
        self.delivers(500, "--to", "http://shadow.test:8081", environment=environment)
        self.stop_squid_and_check()

    def test_wrong_password_is_told_as_407(self):
        self.start_squid(user="user", password="secret")
        _, log = self.loses_all("proxy_refused", "--to", "http://shadow.test:8081", "--proxy",
                                f"http://user:guess@{SHADOW}:3128")
        self.assertIn("407", log)
        self.assertNotIn("guess", log)

    def test_a_proxy_that_forbids_is_told_as_403(self):
        self.start_squid(deny=True)
        _, log = self.loses_all("proxy_refused", "--to", "http://shadow.test:8081", "--proxy", PROXY)
        self.assertIn("403", log)

    def test_a_proxy_that_cannot_reach_the_shadow_says_so(self):
        self.start_squid()
        _, log = self.loses_all("proxy_refused", "--to", "http://shadow.test:8099", "--proxy", PROXY)
        self.assertRegex(log, r"50[0-9]")

    def test_a_dead_proxy(self):
        self.loses_all("connect_failed", "--to", "http://shadow.test:8081", "--proxy", PROXY)


class Tls(ProxyCase):
    def test_verified_through_the_proxy(self):
        self.start_squid()
        ca = self.start_tls()
        self.delivers(4000, "--to", "https://shadow.test:8443", "--proxy", PROXY, "--ca-file", ca)

    def test_verified_through_the_proxy_with_authentication(self):
        self.start_squid(user="user", password="secret")
        ca = self.start_tls()
        self.delivers(1000, "--to", "https://shadow.test:8443", "--proxy", f"http://user:secret@{SHADOW}:3128", "--ca-file", ca)

    def test_verified_without_a_proxy(self):
        self.network.production.set_hosts({"shadow.test": SHADOW})
        ca = self.start_tls()
        self.delivers(1000, "--to", "https://shadow.test:8443", "--ca-file", ca)

    def test_an_unknown_authority_is_refused(self):
        self.start_squid()
        self.start_tls()
        stranger = servers.make_authority(self.directory, "stranger")
        code, log = self.loses_all("tls_failed", "--to", "https://shadow.test:8443", "--proxy", PROXY, "--ca-file", stranger[0])
        self.assertEqual(code, TLS_EXIT_CODE)
        self.assertRegex(log, r"(?i)certificate|issuer")

    def test_the_systems_authorities_do_not_know_it_either(self):
        self.start_squid()
        self.start_tls()
        code, _ = self.loses_all("tls_failed", "--to", "https://shadow.test:8443", "--proxy", PROXY)
        self.assertEqual(code, TLS_EXIT_CODE)

    def test_a_certificate_for_another_host_is_refused(self):
        self.start_squid()
        ca = self.start_tls()
        code, log = self.loses_all("tls_failed", "--to", "https://other.test:8443", "--proxy", PROXY, "--ca-file", ca)
        self.assertEqual(code, TLS_EXIT_CODE)
        self.assertRegex(log, r"(?i)other\.test")

    def test_insecure_is_told(self):
        self.start_squid()
        self.start_tls()
        running = self.delivers(300, "--to", "https://other.test:8443", "--proxy", PROXY, "--insecure")
        self.assertIn("--insecure", running.log)

    def test_client_certificate(self):
        self.network.production.set_hosts({"shadow.test": SHADOW})
        clients = servers.make_authority(self.directory, "clients")
        certificate, key = servers.make_certificate(self.directory, "agent", clients, "DNS:agent.test")
        os.chmod(key, 0o644)
        ca = self.start_tls(client_ca=clients[0])
        self.delivers(300, "--to", "https://shadow.test:8443", "--ca-file", ca, "--client-cert", certificate, "--client-key", key)

    def test_plain_http_where_tls_is_expected(self):
        self.start(servers.start_production(self.network.shadow, self.directory, SHADOW, 8085))
        code, _ = self.loses_all("tls_failed", "--to", f"https://{SHADOW}:8085")
        self.assertEqual(code, TLS_EXIT_CODE)


if __name__ == "__main__":
    case.main()
