# Makes a manual page: cmake -DPROGRAM= -DTEMPLATE= -DEXIT_CODES_PAGE= -DEXIT_CODES_MAX= -DVERSION= -DDATE= -DOUTPUT= -P ManualPage.cmake
#
# The options come from the program itself, the exit codes from the page that documents them (those up to
# EXIT_CODES_MAX), all else is written by hand in the template.
execute_process(COMMAND ${PROGRAM} man OUTPUT_VARIABLE OPTIONS COMMAND_ERROR_IS_FATAL ANY)

set(EXIT_CODES "")
file(STRINGS ${EXIT_CODES_PAGE} rows REGEX "^\\| [0-9]+ \\|")
foreach(row IN LISTS rows)
  if(NOT row MATCHES "^\\| ([0-9]+) \\| [a-z_]+ \\| (.*) \\|$")
    message(FATAL_ERROR "${EXIT_CODES_PAGE}: not a row of the table: ${row}")
  endif()
  set(code ${CMAKE_MATCH_1})
  set(text "${CMAKE_MATCH_2}")
  if(code LESS_EQUAL EXIT_CODES_MAX)
    string(REPLACE "\\" "\\e" text "${text}")
    string(REPLACE "-" "\\-" text "${text}")
    string(REGEX REPLACE "`([^`]*)`" "\\\\fB\\1\\\\fR" text "${text}")
    string(APPEND EXIT_CODES ".TP\n.B ${code}\n${text}\n")
  endif()
endforeach()

string(REGEX REPLACE "T.*" "" DATE "${DATE}")
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
