# cmake -D SOURCE=DIR -D HEADER=FILE -P commit.cmake: writes the commit of a source tree into a header, which is touched only where
# it changes. Where there is no git, such as in an image's build, the environment variable PBXBRIDGE_COMMIT names it.

cmake_minimum_required(VERSION 3.25)
set(commit "$ENV{PBXBRIDGE_COMMIT}")
if(NOT commit)
  # Skips the commit of a repository in which the sources merely lie.
  execute_process(COMMAND git -C ${SOURCE} rev-parse --show-prefix
                  OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failure)
  execute_process(COMMAND git -C ${SOURCE} describe --always --abbrev=40 --exclude=* "--dirty= with changes"
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT failure STREQUAL 0 OR prefix OR NOT commit)
    set(commit "unknown")
  endif()
endif()
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#pragma once\n\n#define PBXBRIDGE_COMMIT \"@commit@\"\n" @ONLY)
