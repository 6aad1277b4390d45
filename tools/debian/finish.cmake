# SPDX-License-Identifier: MPL-2.0
# Makes of what was installed for a package what Debian wants in one. cpack runs it.
cmake_minimum_required (VERSION 3.21)
set (here ${CMAKE_CURRENT_LIST_DIR})
set (version ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
string (TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH, if that is set

# Compressed with neither name nor time in it, so that it is the same each time.
function (compress file)
    execute_process (COMMAND gzip -9n ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction ()

foreach (component ${CPACK_COMPONENTS_ALL})
    string (TOUPPER ${component} upper)
    set (package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
    set (root ${CPACK_TEMPORARY_DIRECTORY}/${component})
    set (doc ${root}/usr/share/doc/${package})

    file (GLOB manuals ${root}/usr/share/man/man*/*.[1-8])
    foreach (manual ${manuals})
        compress (${manual})
    endforeach ()

    # Documents are in a directory of each package.
    file (MAKE_DIRECTORY ${doc})
    if (EXISTS ${root}/usr/share/doc/ztalk/examples AND NOT package STREQUAL "ztalk")
        file (RENAME ${root}/usr/share/doc/ztalk/examples ${doc}/examples)
        file (REMOVE_RECURSE ${root}/usr/share/doc/ztalk)
    endif ()
    # The changelog of ztalk, that of the package, and who may copy it.
    if (EXISTS ${root}/usr/share/doc/ztalk/CHANGELOG.md)
        file (RENAME ${root}/usr/share/doc/ztalk/CHANGELOG.md ${doc}/changelog)
    else ()
        file (COPY_FILE ${here}/../../CHANGELOG.md ${doc}/changelog)
    endif ()
    compress (${doc}/changelog)
    file (WRITE ${doc}/changelog.Debian
          "ztalk (${version}) unstable; urgency=medium\n\n  * Packaged by cpack; changelog.gz tells what has changed.\n\n"
          " -- ${CPACK_PACKAGE_CONTACT}  ${now}\n")
    compress (${doc}/changelog.Debian)
    file (COPY ${here}/copyright DESTINATION ${doc})
    file (REMOVE ${root}/usr/share/doc/ztalk/LICENSE) # copyright has it

    # It is no upload to Debian, which would close a bug there.
    file (WRITE ${root}/usr/share/lintian/overrides/${package}
          "${package}: initial-upload-closes-no-bugs *\n")

    # Debian's zsh looks elsewhere.
    if (EXISTS ${root}/usr/share/zsh/site-functions)
        file (RENAME ${root}/usr/share/zsh/site-functions ${root}/usr/share/zsh/vendor-completions)
    endif ()

    if (EXISTS ${root}/usr/lib/systemd)
        file (MAKE_DIRECTORY ${root}/lib)
        file (RENAME ${root}/usr/lib/systemd ${root}/lib/systemd)
        set (unit ${root}/lib/systemd/system/ztalk-broker.service)
        file (READ ${unit} text)
        string (REGEX REPLACE "ExecStart=[^\n]*/bin/" "ExecStart=/usr/bin/" text "${text}")
        file (WRITE ${unit} "${text}")
        # The example, in which all is as it is without it, is what one changes.
        file (MAKE_DIRECTORY ${root}/etc/ztalk)
        file (RENAME ${doc}/examples/ztalk-broker.zpl ${root}/etc/ztalk/ztalk-broker.zpl)
        file (REMOVE_RECURSE ${doc}/examples ${root}/usr/lib)
    endif ()
endforeach ()
