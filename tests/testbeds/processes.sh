# Sourced by every `up`: starts processes and keeps note of them. POSIX sh, loopback only, no root needed.
# DIR/pids/NN.NAME holds "PID STARTTIME"; the start time tells a process from a later one with the same number.
set -eu

fail() { echo "$*" >&2; exit 1; }

# program NAME… — the path of the first of these that is installed
program() {
  for name in "$@"; do
    path=$(PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin command -v "$name" 2>/dev/null) && { echo "$path"; return; }
  done
  fail "missing program: $*"
}

# prepare DIR BASEPORT — sets DIR, PORT, BACK; undoes everything where `up` does not come to its end
prepare() {
  [ $# -eq 2 ] || fail "usage: up DIR BASEPORT"
  mkdir -p "$1/pids"; DIR=$(cd "$1" && pwd); PORT=$2; BACK=$((PORT + 1)); chmod 755 "$DIR"
  [ -z "$(ls "$DIR/pids")" ] || fail "$DIR has running processes: run down first"
  NGINX_USER=""; FPM_USER=""; FPM_AS_ROOT=""; APACHE_USER=""
  if [ "$(id -u)" = 0 ]; then
    NGINX_USER="user root;"; FPM_USER="user=root"; FPM_AS_ROOT="-R"; APACHE_USER="User www-data"
  fi
  trap 'code=$?; [ $code = 0 ] || sh "$TESTBEDS/down" "$DIR"' EXIT
}

# started NAME COMMAND… — runs it behind, its output in DIR/NAME.out
started() {
  name=$1; shift; number=$(ls "$DIR/pids" | wc -l)
  "$@" >>"$DIR/$name.out" 2>&1 </dev/null &
  pid=$!
  echo "$pid $(sed 's/^.*) //' "/proc/$pid/stat" 2>/dev/null | cut -d' ' -f20)" > "$DIR/pids/$(printf %02d "$number").$name"
}

# fill TEMPLATE OUT KEY=VALUE… — replaces @DIR@, @PORT@, @BACK@ and every @KEY@
fill() {
  template=$1; out=$2; shift 2; script="s|@DIR@|$DIR|g;s|@PORT@|$PORT|g;s|@BACK@|$BACK|g"
  for pair in "$@"; do script="$script;s|@${pair%%=*}@|${pair#*=}|g"; done
  sed "$script" "$template" > "$out"
}

listens() {
  python3 -c 'import socket, sys
sys.exit(socket.socket().connect_ex(("127.0.0.1", int(sys.argv[1]))))' "$1"
}

# until_true COMMAND… — tries for 15 s
until_true() {
  tries=0
  until "$@"; do tries=$((tries + 1)); [ $tries -lt 300 ] || fail "gave up on: $*, see $DIR/*.out"; sleep 0.05; done
}

ready() { echo "READY http://127.0.0.1:$PORT/"; }
