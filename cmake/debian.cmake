# The Debian package: `cpack -G DEB` in the build tree, or ./dev package. What the program itself generates is in it.

include(GNUInstallDirs)

set(documents ${PROJECT_BINARY_DIR}/documents)
set(generated)
# pbxbridge_document(PATH ARGUMENTS...): what `pbxbridge ARGUMENTS` prints, in a file; packed where it ends with .gz.
function(pbxbridge_document path)
  list(JOIN ARGN " " arguments)
  string(REGEX REPLACE "\\.gz$" "" unpacked ${documents}/${path})
  set(pack "")
  if(path MATCHES "\\.gz$")
    set(pack "&& gzip -9nf ${unpacked}")
  endif()
  get_filename_component(directory ${unpacked} DIRECTORY)
  # No pipe: sh would not see that pbxbridge fails.
  add_custom_command(OUTPUT ${documents}/${path} DEPENDS pbxbridge
    COMMAND ${CMAKE_COMMAND} -E make_directory ${directory}
    COMMAND sh -c "$<TARGET_FILE:pbxbridge> ${arguments} > ${unpacked} ${pack}" VERBATIM)
  set(generated ${generated} ${documents}/${path} PARENT_SCOPE)
endfunction()
pbxbridge_document(pbxbridge.1.gz reference manual)
pbxbridge_document(bash/pbxbridge completion bash)
pbxbridge_document(zsh/_pbxbridge completion zsh)
pbxbridge_document(fish/pbxbridge.fish completion fish)
pbxbridge_document(starter/pbxbridge.yaml reference starter)
# The starter with the password's file where the unit's credentials are.
set(packaged_starter ${documents}/packaged/pbxbridge.yaml)
add_custom_command(OUTPUT ${packaged_starter} DEPENDS ${documents}/starter/pbxbridge.yaml
  COMMAND ${CMAKE_COMMAND} -E make_directory ${documents}/packaged
  COMMAND sed s,/run/secrets/,/run/credentials/pbxbridge.service/secret_, ${documents}/starter/pbxbridge.yaml > ${packaged_starter} VERBATIM)
list(APPEND generated ${packaged_starter})
add_custom_target(pbxbridge_documents ALL DEPENDS ${generated})

# Wherever the prefix is: the program finds nothing by its place.
install(TARGETS pbxbridge COMPONENT runtime)
install(FILES ${documents}/pbxbridge.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT runtime)
install(FILES ${documents}/bash/pbxbridge DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT runtime)
install(FILES ${documents}/zsh/_pbxbridge DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT runtime)
install(FILES ${documents}/fish/pbxbridge.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT runtime)
install(DIRECTORY config/ DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/pbxbridge/examples COMPONENT runtime PATTERN tests EXCLUDE)
# For a broker or a web server to serve; LICENSE.md goes with the library wherever it is copied.
install(DIRECTORY examples/wallboard DESTINATION ${CMAKE_INSTALL_DATADIR}/pbxbridge COMPONENT runtime PATTERN README.md EXCLUDE)
install(FILES deploy/systemd/pbxbridge.service DESTINATION lib/systemd/system COMPONENT runtime)

# Settings of the package alone, which has its absolute places.
set(CPACK_DEBIAN_PACKAGE_RELEASE 1 CACHE STRING "The Debian revision")
# The maintainer is whoever builds the package for others and says so, as Debian's tools ask for it. The project itself has no
# address: `.invalid` is never one (RFC 2606), and SECURITY.md says where to write.
set(maintainer "$ENV{DEBFULLNAME}")
if(NOT maintainer)
  set(maintainer "pbxbridge maintainers")
endif()
set(maintainer_address "$ENV{DEBEMAIL}")
if(NOT maintainer_address)
  set(maintainer_address maintainers@pbxbridge.invalid)
endif()
set(CPACK_PACKAGE_CONTACT "${maintainer} <${maintainer_address}>")
set(changelog_date "$ENV{PBXBRIDGE_CHANGELOG_DATE}")
if(NOT changelog_date)
  set(changelog_date "Thu, 01 Jan 1970 00:00:00 +0000")
endif()
configure_file(deploy/debian/changelog.in ${documents}/changelog.Debian @ONLY)
add_custom_command(OUTPUT ${documents}/changelog.Debian.gz ${documents}/changelog.gz
  COMMAND sh -c "gzip -9n < changelog.Debian > changelog.Debian.gz && gzip -9n < ${PROJECT_SOURCE_DIR}/CHANGELOG.md > changelog.gz"
  DEPENDS ${documents}/changelog.Debian CHANGELOG.md WORKING_DIRECTORY ${documents} VERBATIM)
add_custom_target(pbxbridge_debian DEPENDS pbxbridge_documents ${documents}/changelog.Debian.gz)
install(FILES ${packaged_starter} DESTINATION /etc/pbxbridge COMPONENT debian EXCLUDE_FROM_ALL)
install(DIRECTORY DESTINATION /etc/pbxbridge/secrets COMPONENT debian EXCLUDE_FROM_ALL
  DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
install(FILES deploy/debian/copyright ${documents}/changelog.Debian.gz ${documents}/changelog.gz
  DESTINATION /usr/share/doc/pbxbridge COMPONENT debian EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_NAME pbxbridge)
set(CPACK_COMPONENTS_ALL runtime debian)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS procps)  # kill, for a reload
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "bridge of a PBX's events to Kafka, MQTT and AMQP
pbxbridge subscribes to the events of a PortSIP PBX and republishes each of
them to Kafka, MQTT and AMQP, at least once and in order per key. What it
has accepted is on the disk before a broker sees it. A wallboard, a page
for browsers, is in /usr/share/pbxbridge.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
foreach(script conffiles postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/deploy/debian/${script})
endforeach()
include(CPack)
