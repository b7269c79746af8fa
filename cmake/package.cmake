# Installs what the author of a sink needs: headers, the program as a static library, the conformance suite, a CMake package.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# All libraries of src/ in one archive.
get_property(libraries GLOBAL PROPERTY PBXBRIDGE_LIBRARIES)
set(archive ${PROJECT_BINARY_DIR}/libpbxbridge.a)
list(TRANSFORM libraries REPLACE "(.+)" "ADDLIB $<TARGET_FILE:\\1>" OUTPUT_VARIABLE additions)
list(JOIN additions "\n" additions)
file(GENERATE OUTPUT ${archive}.mri CONTENT "CREATE ${archive}\n${additions}\nSAVE\nEND\n")
add_custom_command(OUTPUT ${archive} COMMAND ${CMAKE_AR} -M < ${archive}.mri DEPENDS ${libraries} ${archive}.mri VERBATIM)
add_custom_target(pbxbridge_archive DEPENDS ${archive})

# Each public header compiles alone, and finds nothing of src/: `all_verify_interface_header_sets` builds them so.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/*.hpp)
add_library(pbxbridge_headers INTERFACE)
target_sources(pbxbridge_headers INTERFACE FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${headers})
target_link_libraries(pbxbridge_headers INTERFACE Boost::headers Threads::Threads)
set_target_properties(pbxbridge_headers PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)

set(PBXBRIDGE_CONFORMANCE_DIR ${CMAKE_INSTALL_DATADIR}/pbxbridge)
get_property(PBXBRIDGE_SYSTEM_LIBRARIES GLOBAL PROPERTY PBXBRIDGE_SINK_LIBRARIES)
list(APPEND PBXBRIDGE_SYSTEM_LIBRARIES crypto fmt lz4 prometheus-cpp-core rocksdb simdjson ssl xxhash yaml-cpp z dl)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/pbxbridge)
configure_package_config_file(cmake/pbxbridge-config.cmake.in ${PROJECT_BINARY_DIR}/pbxbridge-config.cmake
  INSTALL_DESTINATION ${package}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR PBXBRIDGE_CONFORMANCE_DIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/pbxbridge-config-version.cmake COMPATIBILITY SameMinorVersion)

install(TARGETS pbxbridge_headers FILE_SET HEADERS COMPONENT development)
install(FILES ${archive} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(FILES ${PROJECT_BINARY_DIR}/pbxbridge-config.cmake ${PROJECT_BINARY_DIR}/pbxbridge-config-version.cmake
  DESTINATION ${package} COMPONENT development)
foreach(part conformance conformance_tests event_loop recording_observer redelivering_core)
  install(FILES tests/sink/${part}.cpp DESTINATION ${PBXBRIDGE_CONFORMANCE_DIR}/sink COMPONENT development)
  if(EXISTS ${PROJECT_SOURCE_DIR}/tests/sink/${part}.hpp)
    install(FILES tests/sink/${part}.hpp DESTINATION ${PBXBRIDGE_CONFORMANCE_DIR}/sink COMPONENT development)
  endif()
endforeach()
