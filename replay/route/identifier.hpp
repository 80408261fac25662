// Tells values from names: whether a path segment, or a JSON member's name, looks like an identifier of one thing.
//
// It does when it is one of
//   - digits only, or digits with "-.:,_TZ+" that begin with a digit and have 4 digits at least: 42, 2026-01-02,
//     52.5163,13.3777 (but not 1.0);
//   - a UUID; hexadecimal of 8 digits or more, one of them 0 to 9; a ULID;
//   - 20 or more characters of base64url, "=", "~", "." and "%", with 3 digits at least: tokens, JWT, KSUID;
//   - letters, "-" or "_", and 3 or more digits, 8 or more hexadecimal digits, or 10 or more letters and digits with a
//     digit among them: ord-12345, cus_NffrFeUfNV2Hib;
//   - an e-mail address ("@" or "%40" inside).
//
// Pure; linear in the length.
#pragma once

#include <string_view>

namespace understudy {

[[nodiscard]] bool looks_like_identifier(std::string_view text);

}  // namespace understudy
