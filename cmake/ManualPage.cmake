# Makes a manual page: cmake -DPROGRAM= -DTEMPLATE= -DEXIT_CODES_PAGE= -DEXIT_CODES_MAX= -DEXIT_CODES_BESIDES= -DVERSION= -DDATE= -DOUTPUT= -P ManualPage.cmake
#
# The options come from the program itself, the exit codes from the page that documents them (those up to
# EXIT_CODES_MAX, and the comma-separated EXIT_CODES_BESIDES), all else is written by hand in the template.
cmake_policy(SET CMP0057 NEW)  # IN_LIST
execute_process(COMMAND ${PROGRAM} man OUTPUT_VARIABLE OPTIONS COMMAND_ERROR_IS_FATAL ANY)

set(EXIT_CODES "")
string(REPLACE "," ";" EXIT_CODES_BESIDES "${EXIT_CODES_BESIDES}")
file(STRINGS ${EXIT_CODES_PAGE} rows REGEX "^\\| [0-9]+ \\|")
foreach(row IN LISTS rows)
  if(NOT row MATCHES "^\\| ([0-9]+) \\| [a-z_]+ \\| (.*) \\|$")
    message(FATAL_ERROR "${EXIT_CODES_PAGE}: not a row of the table: ${row}")
  endif()
  set(code ${CMAKE_MATCH_1})
  set(text "${CMAKE_MATCH_2}")
  if(code LESS_EQUAL EXIT_CODES_MAX OR code IN_LIST EXIT_CODES_BESIDES)
    string(REPLACE "\\" "\\e" text "${text}")
    string(REPLACE "-" "\\-" text "${text}")
    string(REGEX REPLACE "`([^`]*)`" "\\\\fB\\1\\\\fR" text "${text}")
    string(APPEND EXIT_CODES ".TP\n.B ${code}\n${text}\n")
  endif()
endforeach()

string(REGEX REPLACE "T.*" "" DATE "${DATE}")
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
