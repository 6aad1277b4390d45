# SPDX-License-Identifier: MPL-2.0
# cpack gives the package of a library scripts that call ldconfig; Debian has a trigger for that, which
# is there, too. cpack runs this when the packages are made.
cmake_minimum_required (VERSION 3.21)
foreach (package ${CPACK_PACKAGE_FILES})
    if (NOT package MATCHES "/libztalk[0-9.]+_[^/]*$")
        continue ()
    endif ()
    set (tree ${package}.tree)
    execute_process (COMMAND dpkg-deb --raw-extract ${package} ${tree} COMMAND_ERROR_IS_FATAL ANY)
    file (REMOVE ${tree}/DEBIAN/postinst ${tree}/DEBIAN/postrm)
    execute_process (COMMAND dpkg-deb --root-owner-group --build ${tree} ${package}
                     OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    file (REMOVE_RECURSE ${tree})
endforeach ()
