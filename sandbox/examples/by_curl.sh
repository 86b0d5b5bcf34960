#!/usr/bin/env bash
# Plays with a sandbox by curl alone: logs in, posts, clicks a button, injects a fault.
# First, in another terminal: cargo run --release -p mattermost-sandbox
# Then: BOT_TOKEN=… sandbox/examples/by_curl.sh [URL]
set -euo pipefail
url=${1:-http://127.0.0.1:8065}

# ask TOKEN PATH [BODY]: a request, and what comes back.
ask() { curl -s -H "Authorization: Bearer $1" "$url$2" ${3:+-d "$3"}; }
# field NAME: a string in the JSON that comes in.
field() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

ann=$(curl -si "$url/api/v4/users/login" -d '{"login_id": "ann", "password": "ann-Passw0rd"}' |
    sed -n 's/^token: //ip' | tr -d '\r')
team=$(ask "$ann" /api/v4/teams/name/home | field id)
channel=$(ask "$ann" "/api/v4/teams/$team/channels/name/dev" | field id)

echo "Ann posts:"
ask "$ann" /api/v4/posts "{\"channel_id\": \"$channel\", \"message\": \"hello\"}"

echo "The bot posts a button, which leads to this sandbox itself, for want of a bot:"
card='{"attachments": [{"text": "Press it", "actions": [{"id": "ok", "name": "OK", "type": "button",
    "integration": {"url": "'$url'/nowhere", "context": {}}}]}]}'
post=$(ask "$BOT_TOKEN" /api/v4/posts "{\"channel_id\": \"$channel\", \"message\": \"\", \"props\": $card}")
echo "$post"

echo "Ann clicks it, and reads what a person reads whose bot answers 404:"
ask "$ann" "/api/v4/posts/$(field id <<<"$post")/actions/ok" '{}'

echo "The bot's next post is answered 429, the one after that is made:"
ask "$ann" /sandbox/faults '{"strike": {"method": "POST", "path": "/api/v4/posts", "fault": {"too_many": 1}}}'
for text in refused made; do
    ask "$BOT_TOKEN" /api/v4/posts "{\"channel_id\": \"$channel\", \"message\": \"$text\"}"
    echo
done
