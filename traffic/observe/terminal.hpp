// What the live line needs to know about standard error.
#pragma once

namespace understudy {

// True when standard error is a terminal that understands escape sequences.
[[nodiscard]] bool standard_error_is_terminal();

// Its width; 80 when it is unknown.
[[nodiscard]] unsigned standard_error_columns();

// While true, each line of the log on standard error first erases the live line under the cursor. Any thread.
void set_live_line_shown(bool shown);
[[nodiscard]] bool live_line_shown();

}  // namespace understudy
