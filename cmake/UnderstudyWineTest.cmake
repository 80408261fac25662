# understudy_wine_test(NAME SCRIPT [TIMEOUT seconds] [ARGUMENTS ...]): a test of the Windows build, a Python program that runs
# what was cross-built under Wine (tests/support/e2e/wine.py). Its peers are the Linux release build's tools.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(UNDERSTUDY_LINUX_BIN ${CMAKE_SOURCE_DIR}/build/release/bin CACHE PATH "The Linux programs that tests of the Windows build use")

function(understudy_wine_test name script)
  cmake_parse_arguments(ARG "" "TIMEOUT" "ARGUMENTS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 180)
  endif()
  add_test(NAME windows.${name} COMMAND Python3::Interpreter -B ${script} ${ARG_ARGUMENTS})
  set_tests_properties(windows.${name} PROPERTIES
    LABELS windows TIMEOUT ${ARG_TIMEOUT} SKIP_RETURN_CODE 77 FIXTURES_REQUIRED wine
    ENVIRONMENT "UNDERSTUDY_BIN=${UNDERSTUDY_LINUX_BIN};UNDERSTUDY_WINDOWS_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};UNDERSTUDY_WINE_TEMPLATE=${CMAKE_BINARY_DIR}/wine-prefix")
endfunction()
