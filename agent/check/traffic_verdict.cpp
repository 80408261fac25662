// What a sample of traffic means, in words.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agent/check/traffic_check.hpp"

namespace understudy {
namespace {

void judge_silence(CheckItem& item, const std::string& where, const std::vector<std::string>& elsewhere) {
  item.status = CheckStatus::failed;
  item.found += "no packet";
  if (!elsewhere.empty()) {
    item.found += fmt::format(" on {}, but on {}", where, fmt::join(elsewhere, ", "));
    item.advice = fmt::format("capture there: --interface {}", fmt::join(elsewhere, ","));
    return;
  }
  item.found += fmt::format(" on {}", where);
  item.advice =
      "send a request to the service and try again; if there is traffic, its port is another one, or it passes "
      "another network namespace (a container's) or another host";
}

void judge_contents(CheckItem& item, const TrafficSample& sample) {
  if (sample.requests > 0) {
    item.found += fmt::format("; HTTP: {} requests, {} responses", sample.requests, sample.responses);
    if (sample.http2 + sample.tls > 0) {
      item.status = CheckStatus::warning;
      item.found +=
          fmt::format("; also {} payloads of HTTP/2 and {} of TLS, which are not mirrored", sample.http2, sample.tls);
    }
  } else if (sample.tls > 0 && sample.tls >= sample.http2) {
    item.status = CheckStatus::failed;
    item.found += "; it is TLS, which cannot be read from the wire";
    item.advice = "capture where TLS has ended: on the port between the TLS terminator and the service";
  } else if (sample.http2 > 0) {
    item.status = CheckStatus::failed;
    item.found += "; it is HTTP/2, which is not mirrored";
    item.advice = "let the proxy in front speak HTTP/1.1 to the service, and capture there";
  } else if (sample.packets_to_server == 0) {
    item.status = CheckStatus::failed;
    item.found += "; only what the service sends was seen";
    item.advice = "requests come by another way: capture from all interfaces, or mirror both directions to this host";
  } else if (sample.other == 0 && sample.responses == 0) {
    item.status = CheckStatus::failed;
    item.found += "; none of them carries data, so there is no request to mirror";
    item.advice = "send a request to the service and try again";
  } else {
    item.status = CheckStatus::failed;
    item.found += "; no HTTP request begins in any of them";
    item.advice =
        "the service may speak another protocol on this port; with large uploads only, watch longer: --duration";
  }
}

}  // namespace

CheckItem judge_traffic(const TrafficSample& sample, const CheckRequest& request, Nanoseconds watched,
                        const std::vector<std::string>& elsewhere) {
  CheckItem item;
  item.name = "packets";
  const std::string where = request.capture.interfaces.empty()
                                ? "any interface"
                                : fmt::format("{}", fmt::join(request.capture.interfaces, ", "));
  item.found = fmt::format("port {} for {:.1f} s: ", fmt::join(request.ports, ", "),
                           std::chrono::duration<double>(watched).count());
  if (sample.packets() == 0) {
    judge_silence(item, where, elsewhere);
  } else {
    item.found +=
        fmt::format("{} packets to the service, {} from it", sample.packets_to_server, sample.packets_to_client);
    judge_contents(item, sample);
    if (item.status == CheckStatus::ok && sample.packets_to_client == 0) {
      item.status = CheckStatus::warning;
      item.advice = "responses pass another way; requests are mirrored without them, and some need them to be framed";
    }
  }
  if (!sample.interfaces.empty()) item.details.push_back(fmt::format("seen on {}", fmt::join(sample.interfaces, ", ")));
  if (item.status == CheckStatus::ok && sample.networks > 1) {
    item.status = CheckStatus::warning;
    item.advice =
        "where one of these interfaces forwards to another (a bridge, a container's port), each request is "
        "captured more than once: name the one next to the service with --interface";
  }
  const auto warn = [&](std::uint64_t count, std::string_view what) {
    if (count == 0) return;
    item.details.push_back(fmt::format("{} {}", count, what));
    if (item.status == CheckStatus::ok) item.status = CheckStatus::warning;
  };
  warn(sample.cut, "packets were cut by the snap length; leave --snap-length at its default");
  warn(sample.undecoded, "packets could not be decoded down to TCP");
  warn(sample.dropped, "packets were dropped before they could be read; a larger --buffer helps");
  return item;
}

}  // namespace understudy
