# SPDX-License-Identifier: MPL-2.0
# Packages for Debian, by "cpack -G DEB" in the build folder (tools/package does all of it): a package
# for each component of what is installed. What Debian wants of their contents is done by finish.cmake.
set (ZTALK_DEBIAN_RELEASE 1 CACHE STRING "The number of the packages of one version of ztalk")
set (CPACK_GENERATOR DEB)
set (CPACK_PACKAGE_NAME ztalk)
set (CPACK_PACKAGE_VENDOR ztalk)
set (CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set (CPACK_PACKAGING_INSTALL_PREFIX /usr)
set (CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each has one of its own
set (CPACK_STRIP_FILES ON)
set (CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
     OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set (CPACK_COMPONENTS_GROUPING IGNORE)
set (CPACK_COMPONENTS_ALL ztalk ztalk-broker libztalk libztalk-dev)
set (CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/finish.cmake)
set (CPACK_POST_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/repack.cmake)

# Who makes the packages: as Debian's own tools want to be told.
set (maintainer "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
if (maintainer STREQUAL " <>")
    set (maintainer "ztalk <ztalk@packages.invalid>")
endif ()
set (CPACK_PACKAGE_CONTACT ${maintainer})

set (CPACK_DEB_COMPONENT_INSTALL ON)
set (CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set (CPACK_DEBIAN_PACKAGE_RELEASE ${ZTALK_DEBIAN_RELEASE})
set (CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set (CPACK_DEBIAN_PACKAGE_SECTION net)
set (CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set (CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set (CPACK_DEBIAN_ZTALK_PACKAGE_NAME ztalk)
set (CPACK_DEBIAN_ZTALK_PACKAGE_SUGGESTS ztalk-broker)
set (CPACK_COMPONENT_ZTALK_DESCRIPTION "console client of a messenger on ZeroMQ
ztalk is a messenger for people who run their own: to talk to everybody, or to
one person, from a terminal or from a pipe. All of it is encrypted, and nothing
that was sent is lost.
.
This is the client. Somebody has to run a broker, which is in the package
ztalk-broker.")

set (CPACK_DEBIAN_ZTALK-BROKER_PACKAGE_NAME ztalk-broker)
set (CPACK_DEBIAN_ZTALK-BROKER_PACKAGE_SUGGESTS ztalk)
set (CPACK_DEBIAN_ZTALK-BROKER_PACKAGE_CONTROL_EXTRA
     ${CMAKE_CURRENT_LIST_DIR}/postinst ${CMAKE_CURRENT_LIST_DIR}/prerm
     ${CMAKE_CURRENT_LIST_DIR}/postrm ${CMAKE_CURRENT_LIST_DIR}/conffiles)
set (CPACK_COMPONENT_ZTALK-BROKER_DESCRIPTION "broker of a messenger on ZeroMQ
ztalk is a messenger for people who run their own: to talk to everybody, or to
one person, from a terminal or from a pipe. All of it is encrypted, and nothing
that was sent is lost.
.
This is the broker, which passes on messages and keeps them. It starts at once,
and listens on port 5555 (and 5556, where it tells its key). With it come
ztalk-ctl, which tells it what to do, and ztalk-bench, which measures it.")

# As Debian wants it the number of the interface is in the name of the library's package.
set (library libztalk${ZTALK_ABI})
set (CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set (CPACK_DEBIAN_LIBZTALK_PACKAGE_NAME ${library})
set (CPACK_DEBIAN_LIBZTALK_PACKAGE_SECTION libs)
set (CPACK_DEBIAN_LIBZTALK_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/triggers)
set (CPACK_COMPONENT_LIBZTALK_DESCRIPTION "client library of a messenger on ZeroMQ
ztalk is a messenger for people who run their own. With this library a program
takes part in it: a bot, say, that answers.")

set (CPACK_DEBIAN_LIBZTALK-DEV_PACKAGE_NAME libztalk-dev)
set (CPACK_DEBIAN_LIBZTALK-DEV_PACKAGE_SECTION libdevel)
set (CPACK_DEBIAN_LIBZTALK-DEV_PACKAGE_DEPENDS
     "${library} (= ${PROJECT_VERSION}-${ZTALK_DEBIAN_RELEASE}), libzmq3-dev, libcjson-dev, libsodium-dev, libutf8proc-dev, libicu-dev")
set (CPACK_COMPONENT_LIBZTALK-DEV_DESCRIPTION "client library of a messenger on ZeroMQ (development files)
ztalk is a messenger for people who run their own. With this library a program
takes part in it: a bot, say, that answers.
.
This is what it takes to compile such a program: the header, which is the
documentation, too, what pkg-config and CMake want to know, and an example.")
include (CPack)
