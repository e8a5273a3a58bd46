# What a page's shell has before its first block: failures are noted and not the end, a program that lasts goes to a
# terminal of its own, and what each request was answered is told.
set -E -o pipefail
shopt -s expand_aliases
trap 'printf "%s ended with %s\n" "$BASH_COMMAND" "$?" >>"$NOTES/failures"' ERR

# How requests were answered goes to a file of its own.
curl() { command curl --silent --show-error --write-out '%{stderr}@answered %{http_code}\n' "$@" 2>>"$NOTES/curl"; }

# The inodes of all that listens.
sockets() { awk '$4 == "0A" || $4 == "07" { print $10 }' /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 | sort; }

declare -A running

# Start a program that lasts, in the place of the one that had its terminal, and wait until it is there.
lasting() {
    local kind=$1 words=$2 before tries=0
    if [ -n "${running[$kind]:-}" ]; then
        kill "${running[$kind]}" 2>/dev/null || true
        wait "${running[$kind]}" 2>/dev/null || true
    fi
    before=$(sockets)
    # The trap is for what the page's reader would see fail.
    eval "trap - ERR; exec $words" >>"$NOTES/$kind.log" 2>&1 </dev/null &
    running[$kind]=$!
    until [ -n "$(comm -13 <(echo "$before") <(sockets))" ] && { [ "$kind" != serve ] || is_ready; }; do
        kill -0 "${running[$kind]}" 2>/dev/null && [ $((tries += 1)) -lt 400 ] || {
            printf '%s did not come up: %s\n' "$words" "$(tail -n 5 "$NOTES/$kind.log")" >>"$NOTES/failures"
            return 0
        }
        sleep 0.05
    done
}

is_ready() { command curl --silent --fail --max-time 5 "http://${OFFHOOK_HTTP:-127.0.0.1:8080}/readyz" >/dev/null; }

# Whatever lasts is still there.
all_run() {
    local kind
    for kind in "${!running[@]}"; do
        kill -0 "${running[$kind]}" 2>/dev/null || {
            printf '%s has ended: %s\n' "$kind" "$(tail -n 5 "$NOTES/$kind.log")" >>"$NOTES/failures"
            unset "running[$kind]"
        }
    done
}
