# Cross build for Windows x86-64 with Debian's mingw-w64. Its variant with POSIX threads, since std::thread, std::mutex and
# Asio want them; winpthread is linked statically.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)
set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# Windows 10 and Windows Server 2016 are the oldest systems that are supported.
foreach(language IN ITEMS C CXX)
  string(APPEND CMAKE_${language}_FLAGS_INIT " -D_WIN32_WINNT=0x0A00 -DWINVER=0x0A00")
endforeach()
# One file that needs nothing but the system's own libraries. Without a time stamp two builds are the same.
string(APPEND CMAKE_EXE_LINKER_FLAGS_INIT " -static -Wl,--no-insert-timestamp")
