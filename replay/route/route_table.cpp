#include "replay/route/route_table.hpp"

#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "replay/route/route_pattern.hpp"
#include "replay/route/route_registry.hpp"
#include "replay/route/route_tree.hpp"
#include "traffic/rules/query.hpp"

namespace understudy {
namespace {

constexpr std::size_t patterns_max = 200;
constexpr std::size_t method_length_max = 32;
constexpr std::size_t cache_entries = 8192;  // a power of two
constexpr std::size_t cached_path_max = 256;

// The routes of requests that were seen lately, by the hash of method and path. A new one takes the place of the one
// there.
class RouteCache {
 public:
  struct Entry {
    std::string path;
    std::string method;
    RouteId route = RouteTable::other;

    [[nodiscard]] bool is_of(std::string_view wanted_method, std::string_view wanted_path) const {
      return path == wanted_path && method == wanted_method;
    }
  };

  RouteCache() : entries_(cache_entries) {}

  // Null while nothing was there.
  [[nodiscard]] std::unique_ptr<Entry>& place(std::string_view method, std::string_view path) {
    const std::size_t hash = std::hash<std::string_view>()(path) + 31 * std::hash<std::string_view>()(method);
    return entries_[hash % cache_entries];
  }
  [[nodiscard]] std::size_t memory() const {
    std::size_t bytes = entries_.capacity() * sizeof(std::unique_ptr<Entry>);
    for (const auto& entry : entries_) {
      if (entry != nullptr) bytes += sizeof(Entry) + entry->path.capacity() + entry->method.capacity();
    }
    return bytes;
  }

 private:
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace

class RouteTable::Impl {
 public:
  explicit Impl(std::vector<RoutePattern> patterns) : patterns_(std::move(patterns)) {}

  RouteId route_of(std::string_view method, std::string_view target) {
    const std::string_view path = split_target(target).path;
    RouteId route = other;
    if (path.size() > cached_path_max || method.size() > method_length_max) {
      route = find(method, path);
    } else {
      std::unique_ptr<RouteCache::Entry>& entry = cache_.place(method, path);
      if (entry == nullptr) entry = std::make_unique<RouteCache::Entry>();
      if (!entry->is_of(method, path)) {
        entry->route = other;
        entry->path = path;
        entry->method = method;
      }
      // What is `other` for want of room may get a route of its own when others have become one.
      entry->route = entry->route == other ? find(method, path) : registry_.canonical(entry->route);
      route = entry->route;
    }
    registry_.count_request(route);
    return route;
  }

  [[nodiscard]] const RouteRegistry& registry() const { return registry_; }
  [[nodiscard]] std::size_t memory() const {
    std::size_t bytes = sizeof *this + cache_.memory() + registry_.memory();
    for (const auto& [method, of_method] : methods_) bytes += sizeof of_method + of_method.tree.memory();
    return bytes;
  }

 private:
  struct OfMethod {
    RouteTree tree;
    std::map<std::size_t, RouteId> of_patterns;  // by the pattern's index
  };

  RouteId find(std::string_view method, std::string_view path) {
    auto of_method = methods_.find(method);
    if (of_method == methods_.end()) {
      if (methods_.size() == methods_max || method.size() > method_length_max) return other;
      std::string name(method);
      RouteTree tree(name + ' ', registry_);
      of_method = methods_.emplace(std::move(name), OfMethod{std::move(tree), {}}).first;
    }
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      if (patterns_[i].matches(method, path)) return route_of_pattern(i, *of_method);
    }
    return of_method->second.tree.route_of(path, routes_max - patterns_.size());
  }

  RouteId route_of_pattern(std::size_t index, std::pair<const std::string, OfMethod>& of_method) {
    const auto known = of_method.second.of_patterns.find(index);
    if (known != of_method.second.of_patterns.end()) return known->second;
    const std::optional<RouteId> id = registry_.add(routes_max);
    if (!id) return other;
    registry_.set_name(*id, of_method.first + ' ' + std::string(patterns_[index].path_name()));
    of_method.second.of_patterns.emplace(index, *id);
    return *id;
  }

  const std::vector<RoutePattern> patterns_;
  RouteRegistry registry_;
  RouteCache cache_;
  std::map<std::string, OfMethod, std::less<>> methods_;
};

Result<RouteTable> RouteTable::compile(std::span<const std::string> patterns) {
  if (patterns.size() > patterns_max) {
    return fail(ExitCode::usage,
                "route: more than " + std::to_string(patterns_max) + " patterns; write fewer, or wider ones");
  }
  std::vector<RoutePattern> compiled;
  for (const std::string& text : patterns) {
    auto pattern = RoutePattern::compile(text);
    if (!pattern) return tl::unexpected(std::move(pattern.error()));
    compiled.push_back(std::move(*pattern));
  }
  return RouteTable(std::make_unique<Impl>(std::move(compiled)));
}

RouteTable::RouteTable(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RouteTable::~RouteTable() = default;
RouteTable::RouteTable(RouteTable&&) noexcept = default;
RouteTable& RouteTable::operator=(RouteTable&&) noexcept = default;

RouteId RouteTable::route_of(std::string_view method, std::string_view target) {
  return impl_->route_of(method, target);
}
RouteId RouteTable::canonical(RouteId id) const { return impl_->registry().canonical(id); }
std::string_view RouteTable::name(RouteId id) const { return impl_->registry().name(id); }
std::uint64_t RouteTable::requests(RouteId id) const { return impl_->registry().requests(id); }
std::vector<RouteId> RouteTable::routes() const { return impl_->registry().live(); }
std::size_t RouteTable::memory() const { return impl_->memory(); }

}  // namespace understudy
