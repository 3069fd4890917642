#!/bin/sh
# Copies one registry into another, empty one: ids, versions, contexts, deleted versions, configs.
#
#   copy-registry.sh http://old:8081 http://new:8081
#
# Needs curl and jq. Nothing is changed in the old registry; the new one is in IMPORT mode meanwhile.
set -eu
from=${1:?usage: copy-registry.sh FROM TO}
to=${2:?usage: copy-registry.sh FROM TO}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

get() { curl -fsS "$from$1"; }
send() { # METHOD PATH [BODY]
    curl -sS -X "$1" -H 'Content-Type: application/vnd.schemaregistry.v1+json' ${3+-d "$3"} -o "$work/answer" \
        -w '%{http_code}' "$to$2" >"$work/status"
    case $(cat "$work/status") in
        2*) ;;
        *) echo "$1 $2: $(cat "$work/status") $(cat "$work/answer")" >&2; exit 1 ;;
    esac
}
config() { # PATH: the config of a scope, in the form of an update, if it has one
    curl -sS "$from/config$1" | jq -ce 'select(has("error_code") | not)
        | .compatibility = .compatibilityLevel | del(.compatibilityLevel)'
}

# Every version of every context, page by page; referrers have higher ids than what they refer to.
: >"$work/all"
while :; do
    get "/schemas?subjectPrefix=:*:&deleted=true&offset=$(wc -l <"$work/all" | tr -d ' ')" >"$work/page"
    [ "$(jq length "$work/page")" -gt 0 ] || break
    jq -c '.[]' "$work/page" >>"$work/all"
done
jq -cs 'sort_by(.id)[]' "$work/all" >"$work/sorted"

send PUT '/mode/:.__GLOBAL:' '{"mode":"IMPORT"}'
while read -r version; do
    subject=$(printf %s "$version" | jq -r '.subject|@uri')
    body=$(printf %s "$version" | jq -c '{id, version, schemaType, schema, references, metadata, ruleSet} | del(.[]|nulls)')
    send POST "/subjects/$subject/versions" "$body"
done <"$work/sorted"
jq -r 'select(.deleted)|"/subjects/\(.subject|@uri)/versions/\(.version)"' "$work/sorted" | while read -r path; do
    send DELETE "$path"
done
send DELETE '/mode/:.__GLOBAL:'

if body=$(config ''); then send PUT /config "$body"; fi
{ get /contexts | jq -r '.[]|select(. != ".")|":\(.):"|@uri'; get '/subjects?deleted=true' | jq -r '.[]|@uri'; } |
    while read -r scope; do
        if body=$(config "/$scope"); then send PUT "/config/$scope" "$body"; fi
    done
echo "copied $(wc -l <"$work/sorted") versions"
