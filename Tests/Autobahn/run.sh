#!/usr/bin/env bash
# Runs the Autobahn test suite against our WebSockets: its fuzzing client against our server, its fuzzing server
# against our client.
#
#   Tests/Autobahn/run.sh PATH-OF-WebSocketEcho
#
# The suite is a Python 2 program, and Debian 12 no longer has Python 2. It runs with AUTOBAHN_PYTHON, or otherwise in a
# Debian 11 in a separate folder, which needs root, debootstrap and two minutes, once. All of it is in .build-autobahn;
# the reports are in .build-autobahn/reports.
set -euo pipefail
echo_program=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
home=$(realpath "$here/../..")/.build-autobahn

if [ -n "${AUTOBAHN_PYTHON:-}" ]; then
  outside=$home inside=$home
  python=("$AUTOBAHN_PYTHON")
else
  outside=$home/bullseye/autobahn inside=/autobahn
  python=(chroot "$home/bullseye" /usr/bin/python2.7)
  if [ ! -x "$home/bullseye/usr/bin/python2.7" ]; then
    echo '==> Installing a Debian 11 with Python 2'
    mkdir -p "$home"
    debootstrap --variant=minbase --include=python2.7 bullseye "$home/bullseye" > "$home/debootstrap.log" 2>&1 \
      || { tail "$home/debootstrap.log"; exit 1; }
  fi
  # For the one request to the package index.
  cp /etc/resolv.conf "$home/bullseye/etc/resolv.conf"
  mkdir -p "$home/bullseye/etc/ssl/certs"
  cp /etc/ssl/certs/ca-certificates.crt "$home/bullseye/etc/ssl/certs/"
fi
mkdir -p "$outside"

if [ ! -e "$outside/.ready" ]; then
  echo '==> Installing the Autobahn test suite'
  rm -rf "$outside/site"
  # A wheel of pip can run itself; this is the last one for Python 2.
  cp "$here/requirements.txt" "$outside/"
  python3 -m pip download --quiet --no-deps --only-binary=:all: --python-version 2.7 --implementation py --abi none \
    --dest "$outside" pip==20.3.4
  into_site() {
    PYTHONPATH=$inside/site PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
      "${python[@]}" "$inside/pip-20.3.4-py2.py3-none-any.whl/pip" --no-python-version-warning install -qq \
      --disable-pip-version-check --target "$inside/site" "$@"
  }
  # First the tools that install the others.
  into_site setuptools==44.1.1 wheel==0.37.1
  into_site --requirement "$inside/requirements.txt"
  # A namespace package, which Python 2 finds by a file that it reads only in its own folders.
  touch "$outside/site/zope/__init__.py"
  touch "$outside/.ready"
fi

# It replaces the calling shell.
suite() {
  export PYTHONPATH=$inside/site
  exec "${python[@]}" -m autobahntestsuite.wstest "$@"
}
# Without compression, which we do not support, and without the measurements of speed.
without='"9.*", "12.*", "13.*"'

echo '==> Testing the server with the fuzzing client'
exec {listening}< <(exec "$echo_program")
server=$!
trap 'kill $server' EXIT
read -r url <&"$listening"
cat > "$outside/client.json" <<SPEC
{"outdir": "$inside/reports/server", "servers": [{"agent": "server", "url": "$url"}], "cases": ["*"], "exclude-cases": [$without], "exclude-agent-cases": {}}
SPEC
(suite --mode fuzzingclient --spec "$inside/client.json") > "$outside/server.log" 2>&1 \
  || { tail "$outside/server.log"; exit 1; }
kill $server
python3 "$here/verdict.py" "$outside/reports/server/index.json"

echo '==> Testing the client with the fuzzing server'
# The client accepts only text, and answers binary messages with 1003.
cat > "$outside/server.json" <<SPEC
{"outdir": "$inside/reports/client", "url": "ws://127.0.0.1:9001", "cases": ["*"], "exclude-cases": [$without, "1.2.*"], "exclude-agent-cases": {}}
SPEC
suite --mode fuzzingserver --spec "$inside/server.json" > "$outside/client.log" 2>&1 &
server=$!
until (exec 3<>/dev/tcp/127.0.0.1/9001) 2>/dev/null; do
  kill -0 $server
  sleep 0.2
done
"$echo_program" ws://127.0.0.1:9001
python3 "$here/verdict.py" "$outside/reports/client/index.json"
