#include "agent/check/target_checks.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <string>

#include "traffic/rules/self_traffic.hpp"

namespace understudy {
namespace {

constexpr Nanoseconds expires_soon = std::chrono::hours(24 * 14);

double in_milliseconds(Nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

std::string date(WallTime time) {
  return fmt::format("{:%Y-%m-%d}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time))));
}

// Makes the items of one probe, each from the step it failed at or passed.
class ProbeJudge {
 public:
  ProbeJudge(const ProbeReport& report, const CheckRequest::Route& route)
      : report_(report), route_(route), peer_(route.proxy ? *route.proxy : route.target) {}

  void judge_name() {
    CheckItem& item = add("name", ProbeStep::name);
    if (item.status != CheckStatus::ok) return;
    if (report_.addresses.empty()) {  // it failed before, at the files for TLS
      item.status = CheckStatus::skipped;
      item.found = "not looked up";
      return;
    }
    if (IpAddress::parse(peer_.host)) {
      item.found = fmt::format("{} is an address; there is nothing to look up", peer_.host);
      return;
    }
    item.found = fmt::format("{} is", peer_.host);
    for (const IpAddress& address : report_.addresses) item.found += " " + address.to_string();
  }

  void judge_connection() {
    CheckItem& item = add("connection", ProbeStep::connection);
    if (item.status == CheckStatus::failed)
      item.advice = "is it running, is the port right, and does a firewall let it pass?";
    if (item.status != CheckStatus::ok) return;
    if (!report_.connected_to) {
      item.status = CheckStatus::skipped;
      item.found = "not tried";
      return;
    }
    item.found = fmt::format("{} takes connections at {}", route_.proxy ? "the proxy" : "the shadow",
                             Endpoint{*report_.connected_to, peer_.port}.to_string());
  }

  void judge_proxy() {
    if (!route_.proxy) return;
    CheckItem& item = add("proxy", ProbeStep::tunnel);
    if (item.status == CheckStatus::ok) {
      item.found = fmt::format("{} opened a tunnel to {}", route_.proxy->display(), route_.target.authority());
    }
  }

  void judge_tls(bool verified, const std::vector<CertificateInfo>& shown, WallTime now) {
    if (!route_.target.is_tls) return;
    CheckItem& item = add("tls", ProbeStep::tls);
    const std::vector<CertificateInfo>& certificates = report_.certificates.empty() ? shown : report_.certificates;
    for (const CertificateInfo& certificate : certificates) {
      item.details.push_back(fmt::format("certificate of {}, issued by {}, valid from {} to {}", certificate.subject,
                                         certificate.issuer, date(certificate.not_before),
                                         date(certificate.not_after)));
    }
    if (item.status != CheckStatus::ok) return;
    item.found = fmt::format("{}, the certificate {}", report_.tls_version,
                             verified ? fmt::format("is valid for {}", route_.target.host) : "was not verified");
    if (!verified) {
      item.status = CheckStatus::warning;
      item.advice = "without --insecure nobody in between can pose as the shadow";
    } else if (!certificates.empty() && certificates.front().not_after - now < expires_soon) {
      item.status = CheckStatus::warning;
      item.advice = fmt::format("it expires on {}: renew it", date(certificates.front().not_after));
    }
  }

  void judge_answer() {
    CheckItem& item = add("shadow", ProbeStep::request);
    if (item.status == CheckStatus::failed)
      item.advice = "the shadow takes connections but does not answer: look at its own log";
    if (item.status != CheckStatus::ok) return;
    item.found = fmt::format("HEAD {} answered {} in {:.1f} ms (ready to send after {:.1f} ms)",
                             route_.target.base_path.empty() ? "/" : route_.target.base_path, report_.status,
                             in_milliseconds(report_.response_time), in_milliseconds(report_.connect_time));
    if (report_.status >= 500) {
      item.status = CheckStatus::warning;
      item.advice = "requests are delivered, but the shadow, or a gateway in front of it, reports an error of its own";
    }
  }

  std::vector<CheckItem> take() { return std::move(items_); }

 private:
  // A new item: failed at this step, skipped behind the step that failed, else ok.
  CheckItem& add(const char* name, ProbeStep step) {
    CheckItem& item = items_.emplace_back();
    item.name = name;
    item.about = route_.target.display();
    if (report_.failed_at == step) {
      item.status = CheckStatus::failed;
      item.found = report_.failure;
    } else if (report_.failed_at < step) {
      item.status = CheckStatus::skipped;
      item.found = "not tried";
    }
    return item;
  }

  const ProbeReport& report_;
  const CheckRequest::Route& route_;
  const TargetUrl& peer_;
  std::vector<CheckItem> items_;
};

}  // namespace

std::vector<CheckItem> judge_probe(const ProbeReport& report, const CheckRequest::Route& route, bool verified,
                                   const std::vector<CertificateInfo>& shown, WallTime now) {
  ProbeJudge judge(report, route);
  judge.judge_name();
  judge.judge_connection();
  judge.judge_proxy();
  judge.judge_tls(verified, shown, now);
  judge.judge_answer();
  return judge.take();
}

std::vector<CheckItem> check_target(const CheckRequest& request, const CheckRequest::Route& route) {
  ProbeOptions options;
  options.target = route.target;
  options.proxy = route.proxy;
  options.tls = request.tls;
  options.connect_timeout = request.connect_timeout;
  options.response_timeout = request.response_timeout;
  options.extra_fields = fmt::format("User-Agent: understudy-agent check\r\n{}: check\r\n", mirrored_header);
  const ProbeReport report = probe_target(options);

  // What does not verify is not kept, so a second handshake without verification shows what it was. Nothing is sent.
  std::vector<CertificateInfo> shown;
  if (report.failed_at == ProbeStep::tls && report.connected_to && !options.tls.insecure) {
    options.tls.insecure = true;
    options.send_request = false;
    shown = probe_target(options).certificates;
  }
  return judge_probe(report, route, !request.tls.insecure, shown, system_clock().wall_now());
}

}  // namespace understudy
