# understudy_program_resources(PROGRAM DESCRIPTION): on Windows, the manifest of a program and what Explorer shows of its
# version. Elsewhere nothing.
include(UnderstudyVersion)

function(understudy_program_resources PROGRAM DESCRIPTION)
  if(NOT WIN32)
    return()
  endif()
  set(MANIFEST ${CMAKE_SOURCE_DIR}/cmake/windows/program.manifest)
  # Four numbers, each below 65536: the version's three, and how far a development version is behind its tag.
  set(NUMBERS 0,0,0,0)
  if(UNDERSTUDY_VERSION MATCHES "^([0-9]+)\\.([0-9]+)\\.([0-9]+)(-dev\\.([0-9]+))?")
    set(NUMBERS ${CMAKE_MATCH_1},${CMAKE_MATCH_2},${CMAKE_MATCH_3},0)
    if(CMAKE_MATCH_5)
      set(NUMBERS ${CMAKE_MATCH_1},${CMAKE_MATCH_2},${CMAKE_MATCH_3},${CMAKE_MATCH_5})
    endif()
  endif()
  set(resource ${CMAKE_CURRENT_BINARY_DIR}/${PROGRAM}.rc)
  configure_file(${CMAKE_SOURCE_DIR}/cmake/windows/program.rc.in ${resource} @ONLY)
  set_source_files_properties(${resource} PROPERTIES OBJECT_DEPENDS ${MANIFEST})
  target_sources(${PROGRAM} PRIVATE ${resource})
endfunction()
