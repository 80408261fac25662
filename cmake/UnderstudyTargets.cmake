# The few verbs that every CMakeLists.txt of the project uses.
include(GNUInstallDirs)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# What every target of ours is compiled with. Warnings are errors; third-party headers are SYSTEM and stay silent.
add_library(understudy_options INTERFACE)
target_compile_options(understudy_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-align -Wunused -Wnull-dereference -Wformat=2 -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these two inside its own standard library at -O2 and above.
  target_compile_options(understudy_options INTERFACE -Wno-null-dereference -Wno-maybe-uninitialized -Wno-restrict)
endif()
target_include_directories(understudy_options INTERFACE ${CMAKE_SOURCE_DIR})
if(UNDERSTUDY_SANITIZERS)
  target_compile_options(understudy_options INTERFACE -fsanitize=${UNDERSTUDY_SANITIZERS} -fno-sanitize-recover=all)
  target_link_options(understudy_options INTERFACE -fsanitize=${UNDERSTUDY_SANITIZERS})
else()
  target_compile_definitions(understudy_options INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
  target_compile_options(understudy_options INTERFACE -fstack-protector-strong)
endif()

# What differs between platforms is in files of the same name with these endings: x_${os}.cpp where POSIX is enough,
# x_${kernel}.cpp where it is not.
if(WIN32)
  set(os win32)
  set(kernel win32)
  # windows.h without its rarely used parts and its macros min and max.
  target_compile_definitions(understudy_options INTERFACE WIN32_LEAN_AND_MEAN NOMINMAX)
  # The first brings libssp. Stacks are as large as on Linux: parsers of nested texts recurse.
  target_link_options(understudy_options INTERFACE -fstack-protector-strong -Wl,--stack,8388608)
else()
  set(os posix)
  set(kernel linux)
endif()

# understudy_library(NAME SOURCES ... [DEPENDS ...] [PRIVATE ...])
function(understudy_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC understudy_options ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE})
endfunction()

# understudy_embed_text(NAME FILES ...): makes NAME.cpp in the current binary folder, which defines
# `std::string_view understudy::NAME()`, the files' bytes one after the other.
function(understudy_embed_text name)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DFUNCTION=${name} "-DFILES=${ARGN}" -P ${CMAKE_SOURCE_DIR}/cmake/EmbedText.cmake
    DEPENDS ${ARGN} ${CMAKE_SOURCE_DIR}/cmake/EmbedText.cmake VERBATIM)
endfunction()

# Every test program whose code has threads; what the tsan preset is for.
add_custom_target(concurrent_tests)

# understudy_test(NAME SOURCES ... DEPENDS ... [TIMEOUT SECONDS] [CONCURRENT]): a GoogleTest program; each of its tests is
# a test of CTest, on Windows the whole program is. CONCURRENT puts it under the label `concurrent` as well, which CI runs
# under ThreadSanitizer.
function(understudy_test name)
  cmake_parse_arguments(ARG "CONCURRENT" "TIMEOUT" "SOURCES;DEPENDS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE understudy_options ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
  if(WIN32)  # one test of CTest, since each start of Wine costs more than most of the tests
    target_compile_definitions(${name} PRIVATE UNDERSTUDY_SOURCE_DIR="Z:${CMAKE_SOURCE_DIR}")
    understudy_wine_test(unit.${name} ${CMAKE_SOURCE_DIR}/tests/windows/run_unit.py TIMEOUT 300 ARGUMENTS $<TARGET_FILE:${name}>)
    return()
  endif()
  target_compile_definitions(${name} PRIVATE UNDERSTUDY_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  set(labels unit)
  if(ARG_CONCURRENT)
    list(APPEND labels concurrent)
    add_dependencies(concurrent_tests ${name})
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${labels}")
endfunction()
