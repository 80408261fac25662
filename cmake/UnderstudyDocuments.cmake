# understudy_documents(PROGRAM EXIT_CODES_MAX N [EXIT_CODES_BESIDES ...]): what is installed beside a program that has the commands `man` and
# `completion`: its manual page, from docs/man/PROGRAM.1.in, and its completions for bash, zsh and fish. They are made
# when the program is linked, so that building the program alone is enough to install it; what was not built is not
# installed. A cross build makes none.
include(UnderstudyVersion)

function(understudy_documents program)
  cmake_parse_arguments(ARG "" "EXIT_CODES_MAX" "EXIT_CODES_BESIDES" ${ARGN})
  list(JOIN ARG_EXIT_CODES_BESIDES "," besides)
  install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${program} OPTIONAL)
  if(CMAKE_CROSSCOMPILING)
    return()
  endif()
  set(template ${CMAKE_SOURCE_DIR}/docs/man/${program}.1.in)
  set(exit_codes ${CMAKE_SOURCE_DIR}/docs/exit-codes.md)
  set(script ${CMAKE_SOURCE_DIR}/cmake/ManualPage.cmake)
  set(folder ${CMAKE_BINARY_DIR}/documents/${program})
  file(MAKE_DIRECTORY ${folder})
  set_property(TARGET ${program} APPEND PROPERTY LINK_DEPENDS ${template} ${exit_codes} ${script})
  add_custom_command(TARGET ${program} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:${program}> -DTEMPLATE=${template} -DEXIT_CODES_PAGE=${exit_codes}
      -DEXIT_CODES_MAX=${ARG_EXIT_CODES_MAX} -DEXIT_CODES_BESIDES=${besides} -DVERSION=${UNDERSTUDY_VERSION} -DDATE=${UNDERSTUDY_TIMESTAMP}
      -DOUTPUT=${folder}/${program}.1 -P ${script}
    COMMAND ${program} completion bash > ${folder}/${program}
    COMMAND ${program} completion zsh > ${folder}/_${program}
    COMMAND ${program} completion fish > ${folder}/${program}.fish)
  install(FILES ${folder}/${program}.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT ${program} OPTIONAL)
  install(FILES ${folder}/${program} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    COMPONENT ${program} OPTIONAL)
  install(FILES ${folder}/_${program} DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT ${program} OPTIONAL)
  install(FILES ${folder}/${program}.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
    COMPONENT ${program} OPTIONAL)
endfunction()
