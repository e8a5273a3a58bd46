# What every script needs before its own work; sourced, never run.
#
#   setup runtime   packages to run the platform (demo, serve)
#   setup dev       the same and the tools of the house (test, check, bench)
#   setup_postgres  the database server that tests of the storage start, as a process of their own
#   setup_clients   Ruby and PHP, for the tests of their client libraries
#   setup_peers     foreign programs that the tests call with: SIPp, baresip, Linphone, Kamailio, SIPVicious, tshark, what
#                   joins hosts, and what documents show
#
# All of it is remembered under .venv, so that the second time takes no time.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=$root/.venv

say() { printf '==> %s\n' "$*" >&2; }

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

setup() {
    local kind=$1
    is_ready "$kind" && return
    # Two scripts may start together: the second waits here, and then finds the work done.
    exec 9<"$root/scripts"
    flock 9
    if ! is_ready "$kind"; then
        is_sound || make_venv
        install_packages "$kind"
        remember "$kind"
    fi
    exec 9<&-
}

setup_postgres() {
    [ -z "${OFFHOOK_TEST_POSTGRES:-}" ] || return 0
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && return
    exec 9<"$root/scripts"
    flock 9
    # The package also makes a cluster of its own, main: the tests neither need it nor touch it.
    apt_install "the tests (or name a server on which they may create databases: OFFHOOK_TEST_POSTGRES=postgresql://...)" \
        postgresql
    exec 9<&-
}

setup_clients() {
    local missing=()
    ruby -rminitest -e 1 2>/dev/null || missing+=(ruby ruby-minitest)
    php -r 'exit(extension_loaded("curl") ? 0 : 1);' 2>/dev/null || missing+=(php-cli php-curl)
    [ ${#missing[@]} -eq 0 ] && return
    exec 9<"$root/scripts"
    flock 9
    apt_install "the tests of the client libraries" "${missing[@]}"
    exec 9<&-
}

setup_peers() {
    local missing=()
    command -v sipp >/dev/null || missing+=(sip-tester)
    command -v baresip >/dev/null || missing+=(baresip-core)
    has_server kamailio || missing+=(kamailio)
    command -v svmap >/dev/null || missing+=(sipvicious)
    command -v linphonec >/dev/null || missing+=(linphone-cli)
    command -v tshark >/dev/null || missing+=(tshark)
    has_server ip || missing+=(iproute2)
    has_server nft || missing+=(nftables)
    # What documents show is run as it stands.
    command -v curl >/dev/null || missing+=(curl)
    command -v openssl >/dev/null || missing+=(openssl)
    [ ${#missing[@]} -eq 0 ] && return
    exec 9<"$root/scripts"
    flock 9
    local had_kamailio=yes
    has_server kamailio || had_kamailio=no
    apt_install 'the tests with foreign peers (or leave them out: scripts/test -m "not peers")' "${missing[@]}"
    [ $had_kamailio = yes ] || stop_packaged_kamailio
    exec 9<&-
}

# Debian keeps them where only root looks.
has_server() { [ -x "/usr/sbin/$1" ] || command -v "$1" >/dev/null; }

# The package starts a proxy for the whole machine, on port 5060. The tests start their own, and nobody asked for that one.
stop_packaged_kamailio() {
    [ -d /run/systemd/system ] || return 0
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    "${as_root[@]}" systemctl --quiet disable --now kamailio
}

lock_of() {
    case $1 in
        runtime) printf '%s\n' "$root/requirements.lock" ;;
        dev) printf '%s\n' "$root/requirements-dev.lock" ;;
    esac
}

stamp_of() { sha256sum <"$(lock_of "$1")"; }

is_ready() {
    local stamp=$venv/.offhook-$1
    is_sound && [ -f "$stamp" ] && [ "$(<"$stamp")" = "$(stamp_of "$1")" ]
}

# A virtual environment that was moved or copied does not work, nor does one whose Python has gone.
is_sound() {
    [ -x "$venv/bin/python" ] && [ -f "$venv/bin/offhook" ] && grep -qF "\"$venv/bin/python\"" "$venv/bin/offhook"
}

remember() {
    stamp_of "$1" >"$venv/.offhook-$1"
    # The larger lock holds all that the smaller one does.
    if [ "$1" = dev ]; then stamp_of runtime >"$venv/.offhook-runtime"; fi
}

make_venv() {
    local python
    python=$(find_python) || fail "Offhook needs Python 3.11 or newer, and none was found.
On Debian 12 or newer and Ubuntu 24.04 or newer: sudo apt-get install python3 python3-venv"
    # Debian keeps ensurepip in a package of its own.
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        apt_install "the virtual environment" \
            "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    fi
    say "creating the virtual environment .venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
    link_offhook
}

# A path file and a starter: the checkout itself runs, and no build tool is needed for it.
link_offhook() {
    local packages
    packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    printf '%s\n' "$root/src" >"$packages/offhook.pth"
    # -P: a folder that happens to lie where the command is typed must not shadow a module.
    printf '#!/bin/sh\nexec "%s" -P -m offhook "$@"\n' "$venv/bin/python" >"$venv/bin/offhook"
    chmod +x "$venv/bin/offhook"
}

# The system's own Python first: it is the one whose venv package the system has.
find_python() {
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

install_packages() {
    case $1 in
        runtime) say "installing packages (first time: about a minute)" ;;
        dev) say "installing packages and tools (first time: about two minutes)" ;;
    esac
    # --no-deps: the lock names every package. A pip that resolved again would look for the newest of what a
    # package asks for with an extra (`coverage[toml]`), and find one that the lock has no hash of.
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input \
        --no-deps --require-hashes --requirement "$(lock_of "$1")" &&
        "$venv/bin/python" -m pip check --disable-pip-version-check >&2 ||
        fail "the packages of $(basename "$(lock_of "$1")") could not be installed; pip's reason stands above"
}

apt_install() {
    local purpose=$1 as_root=()
    shift
    local by_hand="For $purpose, please run: sudo apt-get update && sudo apt-get install -y $*"
    command -v apt-get >/dev/null || fail "apt-get is not here, so these Debian packages have to be installed another way: $*
They are needed for $purpose."
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || fail "$by_hand"
        as_root=(sudo -n)
    fi
    say "installing $* with apt-get"
    "${as_root[@]}" apt-get update -qq >/dev/null &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
        fail "apt-get could not install $*. $by_hand"
}
