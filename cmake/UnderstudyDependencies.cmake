# Third-party libraries, each under one target name. All from Debian 12.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.81 REQUIRED)  # header-only: Asio, Beast
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
pkg_check_modules(PCAP REQUIRED IMPORTED_TARGET libpcap)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)

# The agent's memory is allocated by the thread that captures and freed by those that send and record. glibc's allocator
# takes a lock for each such block; with jemalloc recording costs about a third (scripts/bench/mirror.sh). Static, so that
# nothing more must be installed where the agent runs. Sanitizers bring allocators of their own.
add_library(understudy_allocator INTERFACE)
if(NOT UNDERSTUDY_SANITIZERS)
  find_library(JEMALLOC_LIBRARY NAMES libjemalloc_pic.a REQUIRED)
  target_link_libraries(understudy_allocator INTERFACE ${JEMALLOC_LIBRARY} Threads::Threads ${CMAKE_DL_LIBS} m)
endif()

# Asio without its thread pool of templates in every file: declarations only; definitions once, in traffic/net/asio.cpp.
add_library(understudy_asio INTERFACE)
target_link_libraries(understudy_asio INTERFACE Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
target_compile_definitions(understudy_asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_VISIBILITY BOOST_ERROR_CODE_HEADER_ONLY)
if(UNDERSTUDY_SANITIZERS MATCHES "thread")
  # ThreadSanitizer does not understand fences. Asio's are for handlers of strands and coroutines; its queues have mutexes.
  target_compile_definitions(understudy_asio INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()

# libpg_query has neither a CMake config nor a pkg-config file. Linked statically: its symbols are those of a server.
find_path(PG_QUERY_INCLUDE pg_query.h REQUIRED)
find_library(PG_QUERY_LIBRARY NAMES libpg_query.a REQUIRED)
add_library(pg_query STATIC IMPORTED)
set_target_properties(pg_query PROPERTIES IMPORTED_LOCATION ${PG_QUERY_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${PG_QUERY_INCLUDE})
