# Third-party libraries, each under one target name on every platform. All from Debian 12.
find_package(Threads REQUIRED)
if(WIN32)
  include(UnderstudyLibrariesWindows)
else()
  include(UnderstudyLibrariesLinux)
endif()

# The agent's memory is allocated by the thread that captures and freed by those that send and record. glibc's allocator
# takes a lock for each such block; with jemalloc recording costs about a third (scripts/bench/mirror.sh). Static, so that
# nothing more must be installed where the agent runs. Sanitizers and Windows bring allocators of their own.
add_library(understudy_allocator INTERFACE)
if(NOT UNDERSTUDY_SANITIZERS AND NOT WIN32)
  find_library(JEMALLOC_LIBRARY NAMES libjemalloc_pic.a REQUIRED)
  target_link_libraries(understudy_allocator INTERFACE ${JEMALLOC_LIBRARY} Threads::Threads ${CMAKE_DL_LIBS} m)
endif()

# Asio without its thread pool of templates in every file: declarations only; definitions once, in traffic/net/asio.cpp.
add_library(understudy_asio INTERFACE)
target_link_libraries(understudy_asio INTERFACE Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
target_compile_definitions(understudy_asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_VISIBILITY BOOST_ERROR_CODE_HEADER_ONLY)
if(WIN32)
  target_link_libraries(understudy_asio INTERFACE ws2_32 mswsock)
endif()
if(UNDERSTUDY_SANITIZERS MATCHES "thread")
  # ThreadSanitizer does not understand fences. Asio's are for handlers of strands and coroutines; its queues have mutexes.
  target_compile_definitions(understudy_asio INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
