#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# Says again what it is told in private:   ztalk bot -n echo -- ./echo.sh
#
# A line is {"id":1,"time":2,"from":"@olena","to":"@echo","text":"…","body":{…}}, with the members
# in this order. Names have no quotes, and a quote in a text stands behind a backslash, so a
# shell can take it apart, and give the text back as it is: a string of JSON.

while IFS= read -r line; do
    id=${line#'{"id":'} id=${id%%,*}
    to=${line#*'","to":"'} rest=${to#*'"'}
    case $to$rest in
    @*'"'*) ;;
    *) rest= ;; # what is said in a room is not for us
    esac
    case $rest in
    ',"text":'*)
        text=${rest#',"text":'}
        printf '{"re":%s,"text":%s}\n' "$id" "${text%%',"body":'*}"
        ;;
    *) printf '{"re":%s,"decline":true}\n' "$id" ;;
    esac
done
