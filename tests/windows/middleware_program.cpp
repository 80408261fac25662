// Middleware of GoReplay's protocol as a Windows program, for middleware_test.py.
//
// usage: middleware-program edit|die|hang [ARGUMENTS ...]
//
//   edit  adds a header to each request and omits those whose target's id ends with 3
//   die   the same, and ends with code 7 at the 150th request
//   hang  the same, and stays when its input ends, with a child that stays as well
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace {

std::string decoded(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::strtoul(std::string(hex.substr(i, 2)).c_str(), nullptr, 16));
  }
  return bytes;
}

std::string encoded(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += digits[byte / 16U];
    hex += digits[byte % 16U];
  }
  return hex;
}

BOOL WINAPI ignore(DWORD) { return TRUE; }

[[noreturn]] void stay() {
  ::SetConsoleCtrlHandler(ignore, TRUE);
  ::Sleep(INFINITE);
  std::abort();
}

void start_child(const char* program) {
  std::string line = "\"" + std::string(program) + "\" child";
  STARTUPINFOA startup{};
  startup.cb = sizeof startup;
  PROCESS_INFORMATION started{};
  if (::CreateProcessA(nullptr, line.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr, &startup, &started) == 0)
    return;
  std::fprintf(stderr, "child=%lu\n", started.dwProcessId);
}

// Empty: the request is omitted.
std::string edited(const std::string& message) {
  const std::size_t number = message.find("id=");
  const std::size_t end = number == std::string::npos ? number : message.find_first_not_of("0123456789", number + 3);
  if (end != std::string::npos && message[end - 1] == '3') return {};
  const std::size_t head_end = message.find("\r\n\r\n");
  if (head_end == std::string::npos) return message;
  return message.substr(0, head_end) + "\r\nX-Edited: by middleware" + message.substr(head_end);
}

}  // namespace

int main(int count, char** values) {
  const std::string_view mode = count > 1 ? values[1] : "";
  if (mode == "child") stay();
  for (int i = 1; i < count; ++i) std::fprintf(stderr, "argument=[%s]\n", values[i]);
  if (mode == "hang") start_child(values[0]);
  std::string line;
  for (int requests = 1; std::getline(std::cin, line); ++requests) {
    if (mode == "die" && requests == 150) std::_Exit(7);
    const std::string message = edited(decoded(line));
    if (!message.empty()) std::cout << encoded(message) << std::endl;
  }
  if (mode == "hang") stay();
  return 0;
}
