// What the operating system calls an open file, pipe or event: a descriptor on POSIX systems, a HANDLE on Windows.
#pragma once

namespace understudy {

#ifdef _WIN32
using NativeHandle = void*;
inline constexpr NativeHandle no_handle = nullptr;
#else
using NativeHandle = int;
inline constexpr NativeHandle no_handle = -1;
#endif

}  // namespace understudy
