"""The real servers of a test: nginx as production and as TLS in front of the shadow, squid as the proxy."""
import os
import subprocess

from . import processes


def _listening(namespace, address, port):
    try:
        namespace.connect(address, port, timeout=1).close()
        return True
    except OSError:
        return False


def start_nginx(namespace, directory, servers, address, port, name="nginx", workers=1):
    """`servers` is the configuration inside http {}. Returns when `port` answers."""
    for kind in ("body", "proxy", "fastcgi", "uwsgi", "scgi"):
        os.makedirs(os.path.join(directory, name, kind), exist_ok=True)
    path = os.path.join(directory, name + ".conf")
    with open(path, "w", encoding="ascii") as file:
        file.write(f"""
daemon off; master_process off; worker_processes {workers}; pid {directory}/{name}.pid; error_log {directory}/{name}.error warn;
user root; events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 300s; client_max_body_size 0; tcp_nodelay on;
  large_client_header_buffers 8 64k; client_body_buffer_size 1m;
  client_body_temp_path {directory}/{name}/body; proxy_temp_path {directory}/{name}/proxy;
  fastcgi_temp_path {directory}/{name}/fastcgi; uwsgi_temp_path {directory}/{name}/uwsgi; scgi_temp_path {directory}/{name}/scgi;
  {servers}
}}
""")
    process = processes.Process(["nginx", "-c", path, "-p", directory, "-e", f"{directory}/{name}.error"], directory, name,
                                namespace.name)
    return _ready(process, namespace, address, port)


def _ready(process, namespace, address, port):
    try:
        processes.wait_until(lambda: not process.running or _listening(namespace, address, port), 20,
                             f"{process.name} listens on {port}")
        if not process.running:
            raise AssertionError(f"{process.name} ended at start: {process.stderr}")
    except BaseException:
        process.stop()
        raise
    return process


def start_production(namespace, directory, address, port=8080):
    """nginx that answers every request with 200 and a short body, and reads request bodies."""
    servers = f"""
  server {{
    listen {port} backlog=8192;
    location / {{ return 200 "production says hello to this request\\n"; }}
  }}"""
    return start_nginx(namespace, directory, servers, address, port, "production")


def start_http2_production(namespace, directory, address, port):
    """nginx 1.22 speaks HTTP/2 with prior knowledge on a plain port, and nothing else there."""
    servers = f"""
  server {{
    listen {port} http2;
    location / {{ return 200 "two\\n"; }}
  }}"""
    return start_nginx(namespace, directory, servers, address, port, "http2")


def start_tls_front(namespace, directory, address, port, certificate, key, shadow_port, client_ca=None):
    """nginx that ends TLS and passes everything on, bodies unbuffered, to the shadow on the same host."""
    verify = f"ssl_client_certificate {client_ca}; ssl_verify_client on;" if client_ca else ""
    servers = f"""
  upstream shadow {{ server {address}:{shadow_port}; keepalive 64; }}
  server {{
    listen {port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key}; {verify}
    location / {{
      proxy_pass http://shadow; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_request_buffering off;
    }}
  }}"""
    return start_nginx(namespace, directory, servers, address, port, f"tls{port}")


def start_squid(namespace, directory, address, port, names=None, user=None, password=None, deny=False):
    """squid that lets CONNECT through to everything, or, with `user`, only with Basic authentication, or to nobody."""
    hosts = os.path.join(directory, "squid.hosts")
    with open(hosts, "w", encoding="ascii") as file:
        file.write("".join(f"{host_address} {name}\n" for name, host_address in (names or {}).items()))
    lines = [f"http_port {address}:{port}", f"pid_filename {directory}/squid.pid", "cache deny all",
             f"access_log stdio:{directory}/squid.access", f"cache_log {directory}/squid.stderr", f"hosts_file {hosts}",
             f"coredump_dir {directory}", "shutdown_lifetime 1 seconds", "max_filedescriptors 4096",
             "pinger_enable off", "cache_mem 8 MB", "dns_nameservers 127.0.0.1", "netdb_filename none",
             "client_persistent_connections on"]
    if user:
        secrets = os.path.join(directory, "squid.users")
        hashed = subprocess.run(["openssl", "passwd", "-apr1", password], capture_output=True, text=True, check=True).stdout
        with open(secrets, "w", encoding="ascii") as file:
            file.write(f"{user}:{hashed}")
        lines += [f"auth_param basic program /usr/lib/squid/basic_ncsa_auth {secrets}", "auth_param basic children 1",
                  "auth_param basic realm test", "acl known proxy_auth REQUIRED", "http_access allow known"]
    elif not deny:
        lines.append("http_access allow all")
    lines.append("http_access deny all")
    path = os.path.join(directory, "squid.conf")
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
    # A service name of its own: squid's shared memory is the machine's, not the namespace's.
    process = processes.Process(["squid", "-N", "-n", namespace.name, "-f", path], directory, "squid", namespace.name)
    return _ready(process, namespace, address, port)


def make_authority(directory, name):
    """A certificate authority: (certificate path, key path)."""
    certificate, key = (os.path.join(directory, f"{name}.{end}") for end in ("crt", "key"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-keyout", key, "-out", certificate, "-addext", "basicConstraints=critical,CA:TRUE"],
                   capture_output=True, check=True)
    return certificate, key


def make_certificate(directory, name, authority, alternative_names):
    """A certificate signed by `authority`: (certificate path, key path). Names such as "DNS:a.test,IP:10.77.2.2"."""
    certificate, key, request, extensions = (os.path.join(directory, f"{name}.{end}") for end in ("crt", "key", "csr", "ext"))
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                    "-keyout", key, "-out", request], capture_output=True, check=True)
    with open(extensions, "w", encoding="ascii") as file:
        file.write(f"subjectAltName={alternative_names}\n")
    subprocess.run(["openssl", "x509", "-req", "-in", request, "-CA", authority[0], "-CAkey", authority[1], "-CAcreateserial",
                    "-days", "2", "-out", certificate, "-extfile", extensions], capture_output=True, check=True)
    return certificate, key
