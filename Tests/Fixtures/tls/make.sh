#!/usr/bin/env bash
# Makes the certificates of the TLS tests, which are valid for a thousand years, or expired in 2001.
set -euo pipefail
cd "$(dirname "$0")"

# certificate NAME EXTENSIONS FROM UNTIL OPTIONS-OF-CA...
certificate() {
  local name=$1 extensions=$2 from=$3 until=$4
  shift 4
  mkdir work
  touch work/index.txt
  printf '%s\n' '[ca]' 'default_ca = tests' '[tests]' 'new_certs_dir = work' 'database = work/index.txt' \
    'rand_serial = yes' 'default_md = sha256' 'policy = any' 'x509_extensions = extensions' '[any]' 'commonName = supplied' \
    '[extensions]' "$extensions" > work/ca.conf
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$name.key"
  openssl req -new -key "$name.key" -subj "/CN=$name" -out work/request
  openssl ca -batch -notext -config work/ca.conf -in work/request -out "$name.pem" -startdate "$from" \
    -enddate "$until" "$@" 2> work/log || cat work/log
  rm -r work
}

server=$'basicConstraints = critical,CA:FALSE\nextendedKeyUsage = serverAuth\nsubjectAltName = '
here=DNS:localhost,IP:127.0.0.1,IP:::1
start=20000101000000Z
end=30000101000000Z
authority=$'basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\nsubjectKeyIdentifier = hash'
certificate ca "$authority" $start $end -selfsign -keyfile ca.key
certificate localhost "$server$here" $start $end -cert ca.pem -keyfile ca.key
certificate other "${server}DNS:other.example" $start $end -cert ca.pem -keyfile ca.key
certificate expired "$server$here" $start 20010101000000Z -cert ca.pem -keyfile ca.key
certificate self-signed "$server$here" $start $end -selfsign -keyfile self-signed.key
rm ca.key
