"""A small S3 client for tests: signs by itself (SigV4), so that it also checks what understudy-replay signs.

Standard library only. One Client may be used by several threads: each has a connection of its own.
"""
import concurrent.futures
import datetime
import hashlib
import hmac
import http.client
import threading
import urllib.parse
import xml.etree.ElementTree


class S3Failure(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status}: {body[:500]!r}")
        self.status = status


def _quote(text, safe=""):
    return urllib.parse.quote(text, safe=safe + "-._~")


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Client:
    def __init__(self, endpoint, access_key, secret_key, region="us-east-1"):
        self._host = urllib.parse.urlsplit(endpoint).netloc
        self._access_key, self._secret_key, self._region = access_key, secret_key, region
        self._local = threading.local()
        self._connections = []

    def _sign(self, method, path, query, headers, digest):
        now = datetime.datetime.now(datetime.timezone.utc)
        stamp, date = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        headers = {**{name.lower(): value for name, value in headers.items()}, "host": self._host, "x-amz-date": stamp,
                   "x-amz-content-sha256": digest}
        names = ";".join(sorted(headers))
        canonical = "\n".join([method, path, query, *(f"{name}:{headers[name]}" for name in sorted(headers)), "", names, digest])
        scope = f"{date}/{self._region}/s3/aws4_request"
        to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self._secret_key).encode()
        for part in (date, self._region, "s3", "aws4_request"):
            key = _hmac(key, part)
        signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self._access_key}/{scope}, SignedHeaders={names}, "
                                    f"Signature={signature}")
        return headers

    def call(self, method, bucket, key="", query=None, body=b"", headers=None):
        """The response's headers and body; S3Failure for a status of 300 and more."""
        path = _quote(f"/{bucket}/{key}" if key else f"/{bucket}", "/")
        query = "&".join(f"{_quote(name)}={_quote(value)}" for name, value in sorted((query or {}).items()))
        signed = self._sign(method, path, query, headers or {}, hashlib.sha256(body).hexdigest())
        try:
            response, content = self._exchange(method, path + ("?" + query if query else ""), body, signed)
        except http.client.RemoteDisconnected:  # the server ended a connection that rested; the request was not read
            response, content = self._exchange(method, path + ("?" + query if query else ""), body, signed)
        if response.status >= 300:
            raise S3Failure(response.status, content)
        return response.headers, content

    def _exchange(self, method, target, body, headers):
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = http.client.HTTPConnection(self._host, timeout=60)
            self._connections.append(connection)
        try:
            connection.request(method, target, body or None, headers)
            response = connection.getresponse()
            return response, response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            self._local.connection = None
            raise

    def close(self):
        """Ends every connection; a later call makes a new one."""
        while self._connections:
            self._connections.pop().close()

    def make_bucket(self, bucket):
        self.call("PUT", bucket)

    def put(self, bucket, key, body=b"", headers=None):
        self.call("PUT", bucket, key, body=body, headers=headers)

    def put_many(self, bucket, objects, threads=16):
        """`objects`: pairs of key and body."""
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(lambda pair: self.put(bucket, *pair), objects):
                pass
        self.close()

    def put_parts(self, bucket, key, parts, headers=None):
        """An upload in parts of the sizes given."""
        _, answer = self.call("POST", bucket, key, {"uploads": ""}, headers=headers)
        upload = xml.etree.ElementTree.fromstring(answer).findtext("{*}UploadId")
        etags = [self.call("PUT", bucket, key, {"partNumber": str(number), "uploadId": upload}, part)[0]["ETag"]
                 for number, part in enumerate(parts, 1)]
        body = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
                       for number, etag in enumerate(etags, 1))
        self.call("POST", bucket, key, {"uploadId": upload}, f"<CompleteMultipartUpload>{body}</CompleteMultipartUpload>".encode())

    def get(self, bucket, key):
        return self.call("GET", bucket, key)

    def head(self, bucket, key):
        return self.call("HEAD", bucket, key)[0]

    def tags(self, bucket, key):
        _, body = self.call("GET", bucket, key, {"tagging": ""})
        return {tag.findtext("{*}Key"): tag.findtext("{*}Value")
                for tag in xml.etree.ElementTree.fromstring(body).iter() if tag.tag.rpartition("}")[2] == "Tag"}

    def list(self, bucket, prefix=""):
        """(size, etag) by key."""
        found, after = {}, ""
        while True:
            _, body = self.call("GET", bucket, query={"list-type": "2", "prefix": prefix, "start-after": after,
                                                      "encoding-type": "url"})
            root = xml.etree.ElementTree.fromstring(body)
            for entry in root.findall("{*}Contents"):
                after = urllib.parse.unquote_plus(entry.findtext("{*}Key"))
                found[after] = (int(entry.findtext("{*}Size")), entry.findtext("{*}ETag").strip('"'))
            if root.findtext("{*}IsTruncated") != "true":
                return found

    def uploads(self, bucket):
        """Keys of uploads in parts that nobody has ended."""
        _, body = self.call("GET", bucket, query={"uploads": ""})
        return [entry.findtext("{*}Key") for entry in xml.etree.ElementTree.fromstring(body).findall("{*}Upload")]
