#!/bin/sh
# What ./dev is while the pages are tried: the same commands, run by a process that is ready (readied.py); what serves goes on in the background.
log=$HOME/$1.log
case $1 in
    up)
        "$STAND_PYTHON" -S "$STAND" "$STAND_SOCKET" "$@" >"$log" 2>&1 </dev/null &
        until grep -q Ctrl-C "$log"; do kill -0 $! || { cat "$log"; exit 1; }; sleep 0.1; done
        cat "$log" ;;
    web | worker | clock) "$STAND_PYTHON" -S "$STAND" "$STAND_SOCKET" "$@" >"$log" 2>&1 </dev/null & ;;
    *) exec "$STAND_PYTHON" -S "$STAND" "$STAND_SOCKET" "$@" ;;
esac
