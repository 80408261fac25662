# What packaging/windows/libraries.sh cross-built, and the libraries of Windows that it needs. The target names are those of
# the Linux build.
set(UNDERSTUDY_WINDOWS_LIBRARIES "" CACHE PATH "The folder that packaging/windows/libraries.sh filled")
if(NOT EXISTS ${UNDERSTUDY_WINDOWS_LIBRARIES}/key.txt)
  message(FATAL_ERROR "No libraries for Windows in '${UNDERSTUDY_WINDOWS_LIBRARIES}'. Build them first: "
    "packaging/windows/libraries.sh build/windows-libraries")
endif()
set(windows_include ${UNDERSTUDY_WINDOWS_LIBRARIES}/include)

# understudy_windows_library(TARGET ARCHIVE [DEFINES ...] [LINKS ...])
function(understudy_windows_library target archive)
  cmake_parse_arguments(ARG "" "" "DEFINES;LINKS" ${ARGN})
  add_library(${target} STATIC IMPORTED)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${UNDERSTUDY_WINDOWS_LIBRARIES}/lib/${archive}
    INTERFACE_INCLUDE_DIRECTORIES ${windows_include} INTERFACE_COMPILE_DEFINITIONS "${ARG_DEFINES}"
    INTERFACE_LINK_LIBRARIES "${ARG_LINKS}")
endfunction()

# understudy_windows_headers(TARGET [DEFINES ...] [LINKS ...])
function(understudy_windows_headers target)
  cmake_parse_arguments(ARG "" "" "DEFINES;LINKS" ${ARGN})
  add_library(${target} INTERFACE IMPORTED)
  set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${windows_include}
    INTERFACE_COMPILE_DEFINITIONS "${ARG_DEFINES}" INTERFACE_LINK_LIBRARIES "${ARG_LINKS}")
endfunction()

# Debian's libz-mingw-w64-dev; its import library would want zlib1.dll.
find_library(WINDOWS_ZLIB NAMES libz.a REQUIRED)
add_library(ZLIB::ZLIB STATIC IMPORTED)
set_target_properties(ZLIB::ZLIB PROPERTIES IMPORTED_LOCATION ${WINDOWS_ZLIB})
understudy_windows_library(OpenSSL::Crypto libcrypto.a LINKS ws2_32 crypt32 bcrypt advapi32 user32)
understudy_windows_library(OpenSSL::SSL libssl.a LINKS OpenSSL::Crypto)
understudy_windows_library(fmt::fmt libfmt.a)
understudy_windows_library(PkgConfig::PCAP libpcap.a LINKS ws2_32)
understudy_windows_library(PkgConfig::ZSTD libzstd.a)
understudy_windows_library(PkgConfig::RE2 libre2.a)
understudy_windows_library(PkgConfig::HTTPLIB libcpp-httplib.a
  DEFINES CPPHTTPLIB_OPENSSL_SUPPORT CPPHTTPLIB_ZLIB_SUPPORT LINKS OpenSSL::SSL ZLIB::ZLIB ws2_32 crypt32)
# SSPI for the passwordless logins of a Windows domain, shell32 for the folder of pgpass.conf.
understudy_windows_library(PkgConfig::PQ libpq.a LINKS OpenSSL::SSL ws2_32 secur32 shell32)
understudy_windows_library(pg_query libpg_query.a)
understudy_windows_headers(Boost::headers)
understudy_windows_headers(spdlog::spdlog DEFINES SPDLOG_HEADER_ONLY SPDLOG_FMT_EXTERNAL LINKS fmt::fmt)
understudy_windows_headers(CLI11::CLI11)
understudy_windows_headers(tomlplusplus::tomlplusplus DEFINES TOML_HEADER_ONLY=1)

if(UNDERSTUDY_TESTS)
  understudy_windows_library(GTest::gtest libgtest.a)
  understudy_windows_library(GTest::gmock libgmock.a LINKS GTest::gtest)
  understudy_windows_library(GTest::gtest_main libgtest_main.a LINKS GTest::gtest)
endif()
