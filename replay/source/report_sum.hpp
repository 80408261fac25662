// The report of several recordings that are played as one.
#pragma once

#include "traffic/recording/exchange_source.hpp"

namespace understudy {

// Adds `part` to `sum`. An empty sum (files == 0 and no format) takes the part as it is. The sum is complete only if
// every part is, and incomplete if one is.
void add_report(RecordingReport& sum, const RecordingReport& part);

}  // namespace understudy
