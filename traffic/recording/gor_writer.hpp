// Writes exchanges as GoReplay does from 1.2 on: ids of 24 digits, four fields, every message as it was on the wire.
//
//   auto writer = make_gor_writer("requests.gor.gz", true);
//
// Records are in the order of time: a response stands behind the requests that were made before it came, as far as
// held_bytes_max allows. REQUIRES: exchanges come in the order of their requests' time.
//
// What the form cannot hold, and left_out() does not tell because it goes for every exchange: addresses, connections,
// and whether a response was cut. left_out() tells what was not written: messages whose body was only counted.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "traffic/base/error.hpp"
#include "traffic/recording/exchange_source.hpp"

namespace understudy {

inline constexpr std::size_t gor_responses_held_bytes_max = std::size_t{32} << 20U;

// The file is created, or emptied if it is there. "-" is standard output. ExitCode::output_failed.
[[nodiscard]] Result<std::unique_ptr<ExchangeWriter>> make_gor_writer(const std::string& path, bool gzip);

}  // namespace understudy
