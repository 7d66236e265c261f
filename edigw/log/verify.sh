#!/bin/sh
# Verifies an unpacked evidence bundle with coreutils, sed, awk, grep and openssl (1.1.1 or newer).
#
#     sh verify.sh [FOLDER [KEYFILE [ROOTS]]]
#
# KEYFILE holds the log's public key, name+id+base64, which you know from your agreement with the gateway's operator;
# ROOTS the certificates (PEM) of the timestamping authority that you trust.
# Checked: checksums, the checkpoint's signature, with ROOTS its timestamp, that each entry is in the log, the chain of
# each exchange, that each object is what its entry commits to. Not checked (verify.py does): the canonical form of the
# entries, cosignatures of witnesses, signatures of partners, before/, keys/ (changes of the log's key), and that the list
# of exchanges in bundle.json is right.
# Exit status: 0 what is checked holds, 1 it does not, 2 it could not be used.
set -eu
LC_ALL=C
export LC_ALL
unusable() { echo "unusable: $*" >&2; exit 2; }
fail() { echo "DOES NOT VERIFY: $*"; exit 1; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
sha256() { openssl dgst -sha256 -binary; }
node() { { printf '\001'; cat "$1" "$2"; } | sha256 >"$W/node" && mv "$W/node" "$W/root"; }

for tool in openssl sha256sum base64 od awk; do
    command -v $tool >/dev/null || unusable "$tool is not installed"
done
folder=${1:-$(dirname "$0")}
given=${2:-}
roots=${3:-}
[ -f "$folder/bundle.json" ] || unusable "$folder is not an unpacked bundle"
[ -z "$given" ] || case $given in /*) ;; *) given=$PWD/$given ;; esac
[ -z "$roots" ] || case $roots in /*) ;; *) roots=$PWD/$roots ;; esac
[ -z "$roots" ] || [ -f "$roots" ] || unusable "$roots: no such file"
cd "$folder"
keyfile=${given:-trust/log.vkey}
[ -f "$keyfile" ] || unusable "$keyfile: no such file"
W=$(mktemp -d)
trap 'rm -rf "$W"' EXIT

sha256sum --quiet -c SHA256SUMS >"$W/sums" 2>&1 || fail "$(head -n 1 "$W/sums")"

# --- the checkpoint
awk 'NF == 0 { exit } { print }' checkpoint >"$W/body"
origin=$(sed -n 1p "$W/body")
size=$(sed -n 2p "$W/body")
sed -n 3p "$W/body" | base64 -d >"$W/expected" 2>/dev/null || fail "checkpoint: the root is not base64"
[ "$(wc -l <"$W/body")" -eq 3 ] && [ "$(wc -c <"$W/expected")" -eq 32 ] || fail "not a checkpoint"
case $size in '' | *[!0-9]*) fail "not a checkpoint" ;; esac
signed=no
while IFS= read -r vkey; do
    [ "${vkey%%+*}" = "$origin" ] || continue
    rest=${vkey#*+}
    id=${rest%%+*}
    printf %s "${rest#*+}" | base64 -d >"$W/key" 2>/dev/null || unusable "$keyfile: not a public key"
    [ "$(wc -c <"$W/key")" -eq 33 ] && [ "$(head -c 1 "$W/key" | hex)" = 01 ] || continue
    {
        echo "-----BEGIN PUBLIC KEY-----"
        { printf '\060\052\060\005\006\003\053\145\160\003\041\000'; tail -c 32 "$W/key"; } | base64
        echo "-----END PUBLIC KEY-----"
    } >"$W/pem"
    awk -v name="$origin" '$1 == "\342\200\224" && $2 == name { print $3 }' checkpoint >"$W/lines"
    while IFS= read -r line; do
        printf %s "$line" | base64 -d >"$W/raw" 2>/dev/null || fail "checkpoint: a signature is not base64"
        [ "$(head -c 4 "$W/raw" | hex)" = "$id" ] || continue
        tail -c +5 "$W/raw" >"$W/signature"
        openssl pkeyutl -verify -pubin -inkey "$W/pem" -rawin -in "$W/body" -sigfile "$W/signature" >/dev/null 2>&1 ||
            fail "checkpoint: the signature of $origin is wrong"
        signed=yes
    done <"$W/lines"
done <"$keyfile"
[ $signed = yes ] || fail "checkpoint: the log's key has not signed it"

# --- its timestamp; the chain of certificates must have been valid at the time that it states (RFC 3161, appendix B)
if [ -n "$roots" ]; then
    [ -f checkpoint.tsr ] || fail "checkpoint.tsr is missing: no authority has timestamped the checkpoint"
    # only the token itself: what stands around it in the answer is not signed, and could state another time
    openssl ts -reply -in checkpoint.tsr -token_out -out "$W/token" 2>/dev/null || fail "checkpoint.tsr: not a timestamp"
    stamp=$(openssl ts -reply -in "$W/token" -token_in -text 2>/dev/null |
        sed -n 's/^Time stamp: \(.*\) GMT$/\1 GMT/p' | head -n 1 | sed 's/\.[0-9]* / /')
    at=$(date -u -d "${stamp:-none}" +%s 2>/dev/null) || fail "checkpoint.tsr: not a timestamp"
    openssl ts -verify -data checkpoint -in "$W/token" -token_in -CAfile "$roots" -attime "$at" >/dev/null 2>&1 ||
        fail "checkpoint.tsr: not a timestamp of this checkpoint by a known authority"
    echo "note: the checkpoint was timestamped at $stamp"
fi

# --- the entries, in log order
count=0
last=-1
mkdir "$W/chain"
while entry=$(printf 'entries/%04d.json' $count) && [ -f "$entry" ]; do
    proof=${entry%.json}.tlog-proof
    grep -qF "\"log\":\"$origin\"" "$entry" || fail "$entry: it belongs to another log"
    [ "$(sed -n 1p "$proof")" = "c2sp.org/tlog-proof@v1" ] || fail "$proof: not a proof"
    sed '1,/^$/d' "$proof" | cmp -s - checkpoint || fail "$proof: it leads to another checkpoint"
    at=$(sed -n 's/^index \([0-9][0-9]*\)$/\1/p' "$proof" | head -n 1)
    [ -n "$at" ] && [ "$at" -gt "$last" ] && [ "$at" -lt "$size" ] || fail "$proof: wrong index"
    last=$at
    right=$((size - 1))
    { printf '\000'; cat "$entry"; } | sha256 >"$W/root"
    leaf=$(hex <"$W/root")
    awk 'NF == 0 { exit } NR > 1 && !/^(index|extra) / { print }' "$proof" >"$W/path"
    while IFS= read -r line; do
        printf %s "$line" | base64 -d >"$W/sibling" 2>/dev/null || fail "$proof: not base64"
        [ "$(wc -c <"$W/sibling")" -eq 32 ] && [ "$right" -gt 0 ] || fail "$proof: wrong length"
        if [ $((at & 1)) -eq 1 ] || [ "$at" -eq "$right" ]; then
            node "$W/sibling" "$W/root"
            while [ $((at & 1)) -eq 0 ] && [ "$at" -gt 0 ]; do at=$((at >> 1)) right=$((right >> 1)); done
        else
            node "$W/root" "$W/sibling"
        fi
        at=$((at >> 1)) right=$((right >> 1))
    done <"$W/path"
    [ "$right" -eq 0 ] && cmp -s "$W/root" "$W/expected" || fail "$entry: it is not in the log that the checkpoint signs"

    xid=$(sed -n 's/.*"xid":"\([0-9a-f]*\)".*/\1/p' "$entry")
    [ ${#xid} -eq 32 ] || fail "$entry: it names no exchange"
    n=0
    prev=0000000000000000000000000000000000000000000000000000000000000000
    [ ! -f "$W/chain/$xid" ] || read -r n prev <"$W/chain/$xid"
    grep -q "\"n\":$n,.*\"prev\":\"$prev\"" "$entry" || fail "$entry: it does not follow event $((n - 1)) of its exchange"
    echo "$((n + 1)) $leaf" >"$W/chain/$xid"

    grep -o '"commit":"[0-9a-f]*","role":"[^"]*","size":[0-9]*' "$entry" | tr -d '"' | tr ',:' '  ' >"$W/objects"
    while read -r _ commit _ role _ length; do
        if [ -f "objects/$commit.bin" ]; then
            found=$({ printf 'edi-evidence/v1/object\n'; cat "objects/$commit.salt" "objects/$commit.bin"; } | sha256 | hex)
            [ "$(wc -c <"objects/$commit.salt")" -eq 32 ] && [ "$found" = "$commit" ] &&
                [ "$(wc -c <"objects/$commit.bin")" -eq "$length" ] || fail "objects/$commit.bin: not what $entry commits to"
        else
            echo "note: $role of $entry is withheld or erased"
        fi
    done <"$W/objects"
    echo "ok $entry $(sed -n 's/.*"at":"\([^"]*\)".*/\1/p' "$entry") $(sed -n 's/.*"type":"\([^"]*\)".*/\1/p' "$entry")"
    count=$((count + 1))
done
[ $count -gt 0 ] && [ "$(ls entries | grep -c '\.json$')" -eq $count ] || fail "entries: there are none, or one is missing"
[ -n "$roots" ] || echo "skipped: the timestamp (give the authority's certificates as the third argument)"
echo "skipped: canonical form, cosignatures, signatures of partners, before/, keys/, rules/ (verify.py checks them)"
[ -n "$given" ] || echo "warning: the key came from the bundle itself; this proves only that it is consistent in itself"
echo "VERIFIED $count entries of $origin, signed over $size"
