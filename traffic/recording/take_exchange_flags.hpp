// Bits of an exchange record's first byte.
#pragma once

namespace understudy::take_exchange_flag {

inline constexpr unsigned response = 1U << 0U;
inline constexpr unsigned response_complete = 1U << 1U;
inline constexpr unsigned request_body_kept = 1U << 2U;
inline constexpr unsigned response_body_kept = 1U << 3U;
inline constexpr unsigned client_v6 = 1U << 4U;
inline constexpr unsigned server_v6 = 1U << 5U;

}  // namespace understudy::take_exchange_flag
