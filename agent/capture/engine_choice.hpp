// Which capture engine: the one that --engine names, or with `auto` the first that works here.
//
// `auto` never fails silently: why each engine before the chosen one was refused is kept for the log, /status and the
// doctor, and when none works the error has every reason.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/capture/engine.hpp"
#include "agent/capture/live_options.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

inline constexpr std::string_view automatic_engine = "auto";

// One way to capture on this platform.
struct EngineKind {
  std::string name;    // the value of --engine
  std::string caveat;  // what to know before one relies on it, such as what it was never tried on; may be empty
  // Whether it can capture here: what is there ("Npcap version 1.79, ..."), or the reason why not. Captures nothing and
  // leaves nothing open.
  std::function<Result<std::string>()> probe;
  std::function<Result<std::unique_ptr<Engine>>(const LiveOptions&)> open;
};

// This platform's, in the order in which `auto` tries them. Linux: pcap. Windows: npcap, pktmon, raw. Lives for the
// whole program.
[[nodiscard]] const std::vector<EngineKind>& engine_kinds();

struct EngineRefusal {
  std::string engine;
  std::string reason;
};

// What was asked for, what was taken, and why not the others.
struct EngineChoice {
  std::string asked;
  std::string chosen;
  std::string caveat;  // of the chosen one
  std::vector<EngineRefusal> refused;
};

struct ChosenEngine {
  std::unique_ptr<Engine> engine;
  EngineChoice choice;
};

// Opens the engine that `asked` names, or with "auto" the first that opens. A filter that does not compile and options
// that no engine takes end the search at once.
//
// Errors: a named engine's own. Of auto, each engine with its reason, and as code what all reasons have in common; else
// permission when one of them is that, since administrator rights would help; else engine_missing. Usage when `kinds`
// has no engine of that name.
[[nodiscard]] Result<ChosenEngine> open_engine(const std::vector<EngineKind>& kinds, const std::string& asked,
                                               const LiveOptions& options);

// Whether `name` is "auto" or one of `kinds`. Errors: usage, with the names there are.
[[nodiscard]] Result<void> check_engine_name(const std::vector<EngineKind>& kinds, const std::string& name);

// "auto chose raw; refused npcap: wpcap.dll is missing; ..."
[[nodiscard]] std::string to_string(const EngineChoice& choice);

}  // namespace understudy
