#include "replay/clone_command.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "replay/clone/bucket_run.hpp"
#include "replay/clone_action.hpp"
#include "replay/clone_places.hpp"
#include "traffic/base/units.hpp"
#include "traffic/command_line/option_group.hpp"
#include "traffic/command_line/validation.hpp"

namespace understudy {
namespace {

constexpr const char* footer = R"(Examples:
  understudy-replay clone s3://prod-files s3://test-files --workers 64
  understudy-replay clone s3://prod-files/images/ s3://test-files/images/ --endpoint https://store.test --verify checksum
  understudy-replay clone s3://prod-files s3://test-files --id nightly --commands s3://clone-commands
  understudy-replay clone --join nightly --commands s3://clone-commands
  understudy-replay clone postgres://db.test/prod postgres://db.test/candidate --method template

Keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or the AWS profile files. The same command with --id goes on with
a clone that was ended; docs/clone.md has more.
Exit codes: 0 cloned, 4 keys refused, 9 a store that is not reached, 19 ended by Ctrl-C, 20 the Id is another clone's, 24 not
everything could be copied.)";

struct RawClone {
  std::string source, destination;
  std::uint64_t workers = 0;
  std::string id, join, commands;
  std::string on_existing = "skip", verify = "etag", segment_bytes;
  std::uint64_t segment_objects = 0;
  std::string endpoint, dest_endpoint, commands_endpoint, region, dest_region, profile, dest_profile;
  bool virtual_host = false, instance_metadata = false;
  std::string method;
  std::vector<std::string> after;
  bool end_sessions = false;
  bool json = false, quiet = false;
  RawConnection connection;
};

void define_clone(CLI::App& command, RawClone& raw) {
  command.add_option("source", raw.source, "s3://bucket/prefix or postgres://host/database")->type_name("SOURCE");
  command.add_option("destination", raw.destination, "The same; its keys get its prefix in place of the source's")
      ->type_name("DESTINATION");
  OptionGroup clone(command, "Clone (docs/clone.md)");
  clone.one("--workers", raw.workers, "N", "Objects copied at once, or jobs of a dump; 0: 32, or 2 of a dump");
  clone.one("--id", raw.id, "ID", "The clone's name; the same again goes on with it");
  clone.one("--join", raw.join, "ID", "Share a clone that another machine has begun; wants --commands");
  clone.one("--commands", raw.commands, "PLACE",
            "Folder or s3://bucket/prefix for the clone's documents; else ~/.local/state/understudy/clones");
  clone.flag("--json", raw.json, "Print the result as JSON");
  clone.flag("--quiet", raw.quiet, "No progress");
  OptionGroup bucket(command, "Buckets");
  bucket.one("--on-existing", raw.on_existing, "WHAT", "Objects in the destination already: skip, overwrite or fail");
  bucket.one("--verify", raw.verify, "WHAT", "Compare copies by size, etag or checksum");
  bucket.one("--segment-objects", raw.segment_objects, "N", "Objects in a segment at most; 0: 50");
  bucket.one("--segment-bytes", raw.segment_bytes, "SIZE", "Bytes in a segment at most");
  bucket.one("--endpoint", raw.endpoint, "URL", "The store; else AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or AWS");
  bucket.one("--dest-endpoint", raw.dest_endpoint, "URL",
             "The destination's store, if another: objects then go through this machine");
  bucket.one("--commands-endpoint", raw.commands_endpoint, "URL", "The store of --commands; else the destination's");
  bucket.one("--region", raw.region, "NAME", "Else that of the AWS tools");
  bucket.one("--dest-region", raw.dest_region, "NAME", "The destination's, if another");
  bucket.one("--profile", raw.profile, "NAME", "Of the AWS profile files; else the environment's keys");
  bucket.one("--dest-profile", raw.dest_profile, "NAME", "The destination's, if another; within one store it copies");
  bucket.flag("--virtual-host", raw.virtual_host, "bucket.host/key in place of host/bucket/key, as AWS always gets");
  bucket.flag("--instance-metadata", raw.instance_metadata, "Ask the machine's own role for keys as well");
  OptionGroup database(command, "Databases");
  database.one("--method", raw.method, "WHAT", "template or dump; else what fits");
  database.each("--after", raw.after, "COMMAND", "Run on the copy, such as the migration; PGDATABASE and more name it");
  database.flag("--end-sessions", raw.end_sessions, "End sessions that are in the way, rather than to report them");
  OptionGroup connection(command, "Connection");
  define_connection_flags(connection, raw.connection);
}

template <typename Choice>
[[nodiscard]] auto choice_of(std::vector<std::string_view> names) {
  return [names = std::move(names)](const std::string& text) -> Result<std::optional<Choice>> {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (text == names[i]) return static_cast<Choice>(i);
    }
    return fail(ExitCode::usage, fmt::format("takes one of: {}", fmt::join(names, ", ")));
  };
}

[[nodiscard]] std::string endpoint_of(const std::string& given) {
  if (!given.empty()) return given;
  for (const char* const name : {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}) {
    if (auto found = read_process_environment(name); found && !found->empty()) return *found;
  }
  return {};
}

void read_options(const RawClone& raw, Validation& check, CloneCommandSettings& settings) {
  CloneOptions& options = settings.request.options;
  check.require(raw.workers <= BucketRun::workers_max, "workers",
                fmt::format("takes a number up to {}", BucketRun::workers_max));
  check.require(raw.segment_objects <= BucketRun::segment_objects_max, "segment-objects",
                fmt::format("takes a number up to {}", BucketRun::segment_objects_max));
  if (raw.workers > 0) options.workers = raw.workers;
  if (settings.join) return;
  if (settings.request.source.kind == CloneKind::postgres) {
    if (!raw.method.empty()) {
      check.read("method", raw.method, choice_of<CloneMethod>({"template", "basebackup", "dump"}), options.method);
    }
    check.require(options.method != CloneMethod::basebackup, "method",
                  "takes template or dump here; a basebackup needs a folder, which the environment's server knows");
    for (std::size_t i = 0; i < raw.after.size(); ++i) options.after.push_back(fmt::format("after-{}", i + 1));
    settings.after = raw.after;
    return;
  }
  check.require(raw.method.empty() && raw.after.empty() && !raw.end_sessions, "method",
                "and --after and --end-sessions are for databases");
  check.read("on-existing", raw.on_existing, choice_of<CloneOnExisting>({"skip", "overwrite", "fail"}),
             options.on_existing);
  check.read("verify", raw.verify, choice_of<CloneVerify>({"size", "etag", "checksum"}), options.verify);
  if (raw.segment_objects > 0) options.segment_max_objects = raw.segment_objects;
  if (!raw.segment_bytes.empty())
    check.read("segment-bytes", raw.segment_bytes, parse_byte_size, options.segment_max_bytes);
}

void read_places(const RawClone& raw, Validation& check, CloneCommandSettings& settings) {
  CloneRequest& request = settings.request;
  request.id = settings.join ? raw.join : raw.id.empty() ? new_clone_id() : raw.id;
  if (settings.join) return;
  ClonePlace source, destination;
  const auto read = [&](std::string_view name, const std::string& text, ClonePlace& place) {
    check.require(!text.empty(), name, "is missing; write clone SOURCE DESTINATION, or --join ID");
    auto parsed = parse_clone_place(text);
    if (!parsed) parsed.error().message = fmt::format("the {} {}", name, parsed.error().message);
    check.take(std::move(parsed), place);
  };
  read("source", raw.source, source);
  read("destination", raw.destination, destination);
  if (check.error()) return;
  request.source = source.side;
  request.destination = destination.side;
  settings.source_password = source.password;
  settings.destination_password = destination.password;
  if (request.source.kind == CloneKind::s3) {
    request.source.credential_ref = raw.profile;
    request.source.endpoint = endpoint_of(raw.endpoint);
  }
  if (request.destination.kind == CloneKind::s3) {
    request.destination.credential_ref = raw.dest_profile.empty() ? raw.profile : raw.dest_profile;
    request.destination.endpoint = raw.dest_endpoint.empty() ? endpoint_of(raw.endpoint) : raw.dest_endpoint;
  }
}

[[nodiscard]] Result<CommandAction> clone_action(const RawClone& raw) {
  CloneCommandSettings settings;
  Validation check;
  settings.join = !raw.join.empty();
  check.require(!settings.join || (raw.source.empty() && raw.id.empty()), "join",
                "takes source, destination and Id from the documents: leave them out");
  check.require(!settings.join || !raw.commands.empty(), "join", "wants --commands: where the clone's documents are");
  read_places(raw, check, settings);
  if (check.error()) return tl::unexpected(*check.error());
  read_options(raw, check, settings);
  check.read("connect-timeout", raw.connection.connect_timeout, parse_duration, settings.connect_timeout);
  settings.documents_place = raw.commands.empty() ? default_documents_folder() : raw.commands;
  check.require(!settings.documents_place.empty(), "commands", "is missing, and so is HOME to put the documents below");
  if (check.error()) return tl::unexpected(*check.error());
  // What to_json() refuses is refused before anything is begun.
  if (!settings.join) {
    if (const auto body = to_json(settings.request); !body) return tl::unexpected(body.error());
  }
  const std::string endpoint = endpoint_of(raw.endpoint);
  settings.source = {endpoint, raw.region};
  settings.destination = {raw.dest_endpoint.empty() ? endpoint : raw.dest_endpoint,
                          raw.dest_region.empty() ? raw.region : raw.dest_region};
  settings.documents = settings.destination;
  if (!raw.commands_endpoint.empty()) settings.documents.endpoint = raw.commands_endpoint;
  settings.virtual_host = raw.virtual_host;
  settings.instance_metadata = raw.instance_metadata;
  settings.connection = raw.connection;
  settings.end_sessions = raw.end_sessions;
  settings.json = raw.json;
  settings.quiet = raw.quiet;
  return CommandAction([settings] { return run_clone_command(settings); });
}

}  // namespace

struct CloneCommand::Flags {
  RawClone raw;
  CLI::App* command = nullptr;
};

CloneCommand::CloneCommand(CLI::App& app) : flags_(std::make_unique<Flags>()) {
  flags_->command = app.add_subcommand("clone", "Clone a bucket or a database for a test environment");
  flags_->command->footer(footer);
  define_clone(*flags_->command, flags_->raw);
}

CloneCommand::~CloneCommand() = default;

std::optional<Result<CommandAction>> CloneCommand::action() const {
  if (!flags_->command->parsed()) return std::nullopt;
  return clone_action(flags_->raw);
}

}  // namespace understudy
